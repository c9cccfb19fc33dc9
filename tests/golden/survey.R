# Rscript survey.R <folder of apistrat.csv, apiclus1.csv and apiclus2.csv> survey.json
# R survey's answers: means, totals, ratio, proportion, domains, design effects, raking; two stages, single units,
# quantiles, replicates, standard errors after calibration, contrasts and tests of cross tables.
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
# two stages with population sizes, without them, and by domain
clus2 <- read("apiclus2.csv")
clus2$met <- as.numeric(clus2$awards == "Yes")
two <- svydesign(id = ~dnum + snum, weights = ~pw, fpc = ~fpc1 + fpc2, data = clus2)
two_nofpc <- svydesign(id = ~dnum + snum, weights = ~pw, data = clus2)
for (name in c("two", "two_nofpc")) {
  design <- get(name)
  m <- svymean(~api00, design, deff = if (name == "two") TRUE else "replace")
  ci <- confint(m, df = degf(design))
  keep(paste0(name, "_mean"), estimate = one(m)$estimate, se = one(m)$se, deff = deff_of(m), degf = degf(design),
       ci_low = ci[1], ci_high = ci[2])
  t <- svytotal(~enroll, design, na.rm = TRUE)
  keep(paste0(name, "_total"), estimate = one(t)$estimate, se = one(t)$se)
  r <- svyratio(~api.stu, ~enroll, design, na.rm = TRUE)
  keep(paste0(name, "_ratio"), estimate = as.numeric(coef(r)), se = as.numeric(SE(r)))
  for (type in levels(clus2$stype)) {
    m <- svymean(~api00, subset(design, stype == type))
    keep(paste0(name, "_mean_", type), estimate = one(m)$estimate, se = one(m)$se)
  }
}

# strata with a single unit: the districts of apiclus1 as units, its first district alone in a stratum
clus$alone <- ifelse(clus$dnum == min(clus$dnum), "alone", ifelse(clus$dnum < 300, "low", "high"))
for (option in c("certainty", "adjust")) {
  options(survey.lonely.psu = option)
  design <- svydesign(id = ~dnum, strata = ~alone, weights = ~pw, data = clus)
  m <- svymean(~api00, design)
  t <- svytotal(~enroll, design)
  keep(paste0("lonely_", option), mean = one(m)$estimate, mean_se = one(m)$se, total = one(t)$estimate,
       total_se = one(t)$se)
}
options(survey.lonely.psu = "fail")

# quantiles: the default rule ("math") and interval ("mean"), overall and by domain
probabilities <- c(0.1, 0.25, 0.5, 0.75, 0.9)
quantiles_of <- function(name, variable, design) {
  q <- svyquantile(variable, design, probabilities, ci = TRUE, na.rm = TRUE)[[1]]
  for (i in seq_along(probabilities))
    keep(paste0(name, "_", probabilities[i]), estimate = q[i, 1], ci_low = q[i, 2], ci_high = q[i, 3], se = q[i, 4])
}
one_stage <- svydesign(id = ~dnum, weights = ~pw, data = clus, fpc = ~fpc)
quantiles_of("quantile_strat", ~api00, both)
quantiles_of("quantile_clus", ~api00, one_stage)
quantiles_of("quantile_two", ~api00, two)
quantiles_of("quantile_missing", ~acs.46, both)
for (type in levels(strat$stype)) quantiles_of(paste0("quantile_strat_", type), ~api00, subset(both, stype == type))

# replicate weights: squared around their own mean (R's default) and around the estimate (mse)
for (mse in c(FALSE, TRUE)) {
  suffix <- if (mse) "_mse" else ""
  jk1 <- as.svrepdesign(one_stage, type = "JK1", mse = mse)
  jkn <- as.svrepdesign(both, type = "JKn", mse = mse)
  for (name in c("jk1", "jkn")) {
    design <- get(name)
    m <- svymean(~api00, design)
    r <- svyratio(~api.stu, ~enroll, design)
    t <- svytotal(~enroll, design)
    p <- svymean(~wide, design)
    high <- svymean(~api00, subset(design, stype == "H"))
    keep(paste0(name, suffix), mean = one(m)$estimate, mean_se = one(m)$se, ratio_se = as.numeric(SE(r)),
         total_se = one(t)$se, proportion_se = one(p)$se, mean_h = one(high)$estimate, mean_h_se = one(high)$se,
         degf = degf(design))
  }
}

# standard errors after calibration
poststratified <- postStratify(one_stage, ~stype, stype)
# the weights of `rake` as it stops by itself, after the fourth cycle
stopped <- rake(one_stage, list(~stype, ~sch.wide), list(stype, wide))
for (name in c("poststratified", "raked", "stopped")) {
  design <- get(name)
  m <- svymean(~api00, design)
  t <- svytotal(~enroll, design, na.rm = TRUE)
  high <- svymean(~api00, subset(design, stype == "H"))
  keep(paste0("calibrated_", name), mean = one(m)$estimate, mean_se = one(m)$se, total = one(t)$estimate,
       total_se = one(t)$se, mean_h = one(high)$estimate, mean_h_se = one(high)$se,
       weight_1 = weights(design)[[1]], weight_100 = weights(design)[[100]])
}

# differences with their covariance: between domains, between items
contrast_of <- function(name, statistic, weights) {
  d <- svycontrast(statistic, weights)
  keep(name, estimate = as.numeric(coef(d)), se = as.numeric(SE(d)))
}
by_met <- svyby(~api00, ~awards, both, svymean, covmat = TRUE)
contrast_of("contrast_strat_domains", by_met, c(Yes = 1, No = -1))
contrast_of("contrast_clus_domains", svyby(~api00, ~stype, one_stage, svymean, covmat = TRUE), c(E = 1, H = -1))
contrast_of("contrast_clus_items", svymean(~api00 + api99, one_stage), c(api00 = 1, api99 = -1))
contrast_of("contrast_two_domains", svyby(~api00, ~awards, two, svymean, covmat = TRUE), c(Yes = 1, No = -1))
contrast_of("contrast_jkn", svyby(~api00, ~awards, as.svrepdesign(both, type = "JKn", mse = TRUE), svymean,
                                  covmat = TRUE), c(Yes = 1, No = -1))

# cross tables: Rao and Scott's second-order correction
chisq_of <- function(name, formula, design) {
  test <- svychisq(formula, design, statistic = "F")
  keep(name, f = as.numeric(test$statistic), df1 = test$parameter[[1]], df2 = test$parameter[[2]],
       p = as.numeric(test$p.value))
}
chisq_of("chisq_strat", ~stype + sch.wide, both)
chisq_of("chisq_clus", ~stype + sch.wide, one_stage)
chisq_of("chisq_two", ~stype + awards, two)
chisq_of("chisq_wide", ~cnum + comp.imp, both)
chisq_of("chisq_subset", ~awards + comp.imp, subset(both, !is.na(acs.46)))
p <- c(0.001, 0.04, 0.03, 0.2, 0.03, 0.9)
adjusted <- c(p.adjust(p, "holm"), p.adjust(p, "BH"))
entries[["adjusted"]] <- object(setNames(as.list(adjusted), c(paste0("holm_", 1:6), paste0("bh_", 1:6))))

lines <- paste0(" \"", names(entries), "\": ", unlist(entries), collapse = ",\n")
made <- paste0(" \"made_with\": {\"R\": \"", getRversion(), "\", \"survey\": \"", packageVersion("survey"), "\"},\n")
cat(paste0("{\n", made, lines, "\n}\n"), file = args[2])
