# Rscript sem_groups.R HolzingerSwineford1939.csv sem_groups.json
# lavaan's measurement invariance of the three-factor model between two schools, plain and robust, with and without weights
# (w = 1 + (row mod 4)/2).
suppressMessages(library(lavaan))
args <- commandArgs(TRUE)
model <- "
visual =~ x1 + x2 + x3
textual =~ x4 + x5 + x6
speed =~ x7 + x8 + x9
"
d <- read.csv(args[1])
d$w <- 1 + (seq_len(nrow(d)) %% 4) / 2
number <- function(x) if (is.na(x)) "null" else sprintf("%.12g", x)
object <- function(x) paste0("{", paste0("\"", names(x), "\": ", vapply(x, number, ""), collapse = ", "), "}")
levels <- list(configural = "", metric = "loadings", scalar = c("loadings", "intercepts"),
               strict = c("loadings", "intercepts", "residuals"))
measures <- c("chisq", "df", "chisq.scaled", "chisq.scaling.factor", "baseline.chisq", "baseline.df", "cfi", "tli", "rmsea",
              "cfi.robust", "rmsea.robust", "npar")
described <- function(...) {
  fits <- lapply(levels, function(equal) cfa(model, data = d, group = "school", group.equal = equal, meanstructure = TRUE, ...))
  parts <- vapply(names(fits), function(n) {
    f <- fitMeasures(fits[[n]])
    paste0("\"", n, "\": ", object(as.list(f[intersect(measures, names(f))])))
  }, "")
  step <- function(a, b) { t <- lavTestLRT(a, b); object(list(chisq = t[2, "Chisq diff"], df = t[2, "Df diff"], pvalue = t[2, "Pr(>Chisq)"])) }
  found <- coef(fits$scalar)
  means <- found[grep("^(visual|textual|speed)~1", names(found))]
  parts <- c(parts, paste0("\"metric_step\": ", step(fits$configural, fits$metric)), paste0("\"scalar_step\": ", step(fits$metric, fits$scalar)),
             paste0("\"latent_means\": [", paste(vapply(means, number, ""), collapse = ", "), "]"))
  paste0("{", paste(parts, collapse = ",\n "), "}")
}
free <- cfa(model, data = d, group = "school", group.equal = c("loadings", "intercepts"))
lm <- lavTestScore(free)$uni
text <- paste0("{\"made_with\": {\"R\": \"", getRversion(), "\", \"lavaan\": \"", packageVersion("lavaan"), "\"},\n",
  "\"ml\": ", described(), ",\n\"mlr\": ", described(estimator = "MLR"), ",\n\"mlr_weighted\": ", described(estimator = "MLR", sampling.weights = "w"),
  ",\n\"score\": [", paste(vapply(seq_len(nrow(lm)), function(i) number(lm$X2[i]), ""), collapse = ", "), "]}\n")
cat(text, file = args[2])
