# Rscript survey.R <folder of apistrat.csv and apiclus1.csv> survey.json
# R survey's answers for one-stage designs: means, totals, ratio, proportion, domains, design effects, raking.
suppressMessages(library(survey))
args <- commandArgs(TRUE)
read <- function(name) read.csv(file.path(args[1], name), stringsAsFactors = TRUE)
strat <- read("apistrat.csv")
clus <- read("apiclus1.csv")
strat$wide <- as.numeric(strat$sch.wide == "Yes")
clus$wide <- as.numeric(clus$sch.wide == "Yes")
strat$met <- as.numeric(strat$awards == "Yes")
number <- function(x) if (is.na(x)) "null" else sprintf("%.15g", x)
object <- function(x) paste0("{", paste0("\"", names(x), "\": ", vapply(x, number, ""), collapse = ", "), "}")
entries <- list()
keep <- function(name, ...) entries[[name]] <<- object(list(...))
one <- function(s) list(estimate = as.numeric(coef(s))[1], se = as.numeric(SE(s))[1])
deff_of <- function(s) as.numeric(deff(s))[1]

described <- function(name, design, replace = FALSE) {
  kind <- if (replace) "replace" else TRUE
  m <- svymean(~api00, design, deff = kind)
  ci <- confint(m, df = degf(design))
  keep(paste0(name, "_mean"), estimate = one(m)$estimate, se = one(m)$se, deff = deff_of(m), degf = degf(design),
       ci_low = ci[1], ci_high = ci[2])
  t <- svytotal(~enroll, design, deff = kind)
  keep(paste0(name, "_total"), estimate = one(t)$estimate, se = one(t)$se, deff = deff_of(t))
  r <- svyratio(~api.stu, ~enroll, design, deff = kind)
  keep(paste0(name, "_ratio"), estimate = as.numeric(coef(r)), se = as.numeric(SE(r)), deff = as.numeric(deff(r)))
  p <- svymean(~wide, design, deff = kind)
  ci <- attr(svyciprop(~wide, design, method = "logit"), "ci")
  keep(paste0(name, "_proportion"), estimate = one(p)$estimate, se = one(p)$se, deff = deff_of(p), ci_low = ci[[1]],
       ci_high = ci[[2]])
  for (type in levels(strat$stype)) {
    part <- subset(design, stype == type)
    m <- svymean(~api00, part, deff = kind)
    ci <- confint(m, df = degf(part))
    keep(paste0(name, "_mean_", type), estimate = one(m)$estimate, se = one(m)$se, deff = deff_of(m),
         degf = degf(part), ci_low = ci[1], ci_high = ci[2])
    t <- svytotal(~enroll, part)
    keep(paste0(name, "_total_", type), estimate = one(t)$estimate, se = one(t)$se)
  }
  part <- subset(design, !is.na(acs.46))
  m <- svymean(~acs.46, part, deff = kind)
  keep(paste0(name, "_missing"), estimate = one(m)$estimate, se = one(m)$se, deff = deff_of(m), degf = degf(part))
}
described("strat", svydesign(id = ~1, strata = ~stype, weights = ~pw, data = strat, fpc = ~fpc))
described("strat_nofpc", svydesign(id = ~1, strata = ~stype, weights = ~pw, data = strat), replace = TRUE)
described("clus", svydesign(id = ~dnum, weights = ~pw, data = clus, fpc = ~fpc))
described("clus_nofpc", svydesign(id = ~dnum, weights = ~pw, data = clus), replace = TRUE)
described("weighted", svydesign(id = ~1, weights = ~pw, data = strat), replace = TRUE)
both <- svydesign(id = ~1, strata = ~stype, weights = ~pw, data = strat, fpc = ~fpc)
cross <- subset(both, met == 1)
m <- svymean(~api00, cross)
keep("strat_cross", estimate = one(m)$estimate, se = one(m)$se, degf = degf(cross))

stype <- data.frame(stype = c("E", "H", "M"), Freq = c(4421, 755, 1018))
wide <- data.frame(sch.wide = c("No", "Yes"), Freq = c(1072, 5122))
raked <- rake(svydesign(id = ~dnum, weights = ~pw, data = clus, fpc = ~fpc), list(~stype, ~sch.wide), list(stype, wide),
              control = list(maxit = 500, epsilon = 1e-10))
w <- weights(raked)
keep("raking", mean = one(svymean(~api00, raked))$estimate, total = one(svytotal(~enroll, raked))$estimate,
     min = min(w), median = median(w), max = max(w), weight_1 = w[[1]], weight_100 = w[[100]], sum = sum(w))
lines <- paste0(" \"", names(entries), "\": ", unlist(entries), collapse = ",\n")
made <- paste0(" \"made_with\": {\"R\": \"", getRversion(), "\", \"survey\": \"", packageVersion("survey"), "\"},\n")
cat(paste0("{\n", made, lines, "\n}\n"), file = args[2])
