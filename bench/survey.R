# Rscript survey.R <rake|means40|domains> <rows> <seed>: seconds of R survey for the case, on standard output
suppressMessages(library(survey))
args <- commandArgs(TRUE)
case <- args[1]
n <- as.integer(args[2])
set.seed(as.integer(args[3]))
data <- data.frame(w = runif(n, 0.5, 2), stratum = sample.int(20, n, TRUE))
if (case == "rake") {
  sizes <- c(institution = 6, customer = 2, region = 7, age = 6)
  known <- list()
  for (name in names(sizes)) {
    data[[name]] <- factor(sample.int(sizes[[name]], n, TRUE))
    share <- runif(sizes[[name]], 0.5, 1.5)
    known[[name]] <- setNames(data.frame(levels(data[[name]]), n * share / sum(share)), c(name, "Freq"))
  }
  design <- svydesign(id = ~1, weights = ~w, data = data)
  margins <- list(~institution, ~customer, ~region, ~age)
  seconds <- system.time(rake(design, margins, unname(known), control = list(maxit = 200, epsilon = 1e-8)))
} else {
  items <- paste0("q", 1:40)
  for (item in items) data[[item]] <- as.numeric(sample.int(5, n, TRUE))
  data$domain <- sample.int(30, n, TRUE)
  design <- svydesign(id = ~1, strata = ~stratum, weights = ~w, data = data)
  formula <- as.formula(paste("~", paste(items, collapse = "+")))
  seconds <- if (case == "means40") system.time(svymean(formula, design)) else
    system.time(svyby(formula, ~domain, design, svymean))
}
cat(seconds[["elapsed"]])
