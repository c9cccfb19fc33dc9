# python sem_syntax.py complete.csv; python sem_syntax.py gaps.csv; Rscript sem_syntax.R complete.csv gaps.csv sem_syntax.json
# lavaan's answers for every kind of model that the syntax allows; the models stand in the result beside the answers.
suppressMessages(library(lavaan))
args <- commandArgs(TRUE)
prepared <- function(file) {
  d <- read.csv(file)
  d$sex.m <- as.numeric(d$sex == "m")
  d$city.south <- as.numeric(d$city == "south")
  d$city.west <- as.numeric(d$city == "west")
  d
}
data <- list(complete = prepared(args[1]), gaps = prepared(args[2]))
measured <- "visual =~ x1 + x2 + x3
textual =~ x4 + x5 + x6
speed =~ x7 + x8 + x9
"
growth <- "level =~ 1*t1 + 1*t2 + 1*t3 + 1*t4
slope =~ 0*t1 + 1*t2 + 2*t3 + 3*t4
level ~ 1 + age + sex.m
slope ~ 1 + age + sex.m
t1 ~ 0*1 + c1
t2 ~ 0*1 + c2
t3 ~ 0*1 + c3
t4 ~ 0*1 + c4
"
second <- paste0(measured, "general =~ visual + textual + speed\n")
mimic <- paste0(measured, "visual + textual + speed ~ age + sex.m\nx3 ~ sex.m\n")
paths <- "y1 ~ a*age + income\ny2 ~ income + y1\ny3 ~ b*y1 + y2 + age\nindirect := a*b\n"
circle <- "y1 ~ y2 + age\ny2 ~ y1 + income\ny1 ~~ y2\n"
mixed <- paste0(measured, "speed ~ visual + age + x4\nincome ~ speed\nage ~~ y1\ny1 ~ textual\n")
cases <- list(
  three_factors = list(model = measured),
  second_order = list(model = second),
  second_order_explained = list(model = paste0(second, "general ~ age + city.south + city.west\ny1 ~ general + visual\n")),
  mimic = list(model = mimic),
  mimic_robust = list(model = mimic, estimator = "MLR"),
  mimic_gaps = list(model = mimic, estimator = "MLR", data = "gaps", missing = "ml"),
  mimic_gaps_plain = list(model = mimic, data = "gaps", missing = "ml"),
  mimic_designed = list(model = mimic, estimator = "MLR", weights = TRUE, cluster = TRUE),
  mimic_designed_gaps = list(model = mimic, estimator = "MLR", data = "gaps", missing = "ml", weights = TRUE, cluster = TRUE),
  paths = list(model = paths),
  paths_robust = list(model = paths, estimator = "MLR"),
  growth = list(model = growth),
  growth_gaps = list(model = growth, estimator = "MLR", data = "gaps", missing = "ml"),
  circle = list(model = circle),
  product = list(model = "y3 ~ y1 + y2 + age + income + age:income\n"),
  product_of_construct = list(model = paste0(measured, "visual ~ age + income + age:income\n")),
  random_covariates = list(model = mixed),
  equations = list(model = paste0(measured, "speed ~ a*visual + b*textual\ntextual ~~ v*textual\na == b\nv == a^2 + 0.5\n"), estimator = "MLR"),
  misfit_mlm = list(model = paste0(measured, "textual ~~ 0*visual\n"), estimator = "MLM"),
  misfit_mlmv = list(model = paste0(measured, "textual ~~ 0*visual\n"), estimator = "MLMV"),
  mimic_mlm = list(model = mimic, estimator = "MLM"),
  paths_mlmv = list(model = paths, estimator = "MLMV"),
  growth_mlmv = list(model = growth, estimator = "MLMV"),
  equations_mlm = list(model = paste0(measured, "speed ~ a*visual + b*textual\na == b\n"), estimator = "MLM"),
  inequalities = list(model = paste0(measured, "speed ~ a*visual + b*textual\na > b + 0.1\na < 5\n")),
  inequalities_gaps = list(model = paste0(measured, "speed ~ a*visual + b*textual\na - 0.1 > b\n"), data = "gaps", missing = "ml"),
  modifiers = list(model = "visual =~ NA*x1 + a*x1 + start(0.5)*x2 + b*x2 + a*x3\nvisual ~~ 1*visual\nx1 ~~ x2\n")
)
number <- function(x) if (is.na(x)) "null" else sprintf("%.12g", x)
quoted <- function(x) paste0("\"", gsub("\n", "\\\\n", x), "\"")
object <- function(x) paste0("{", paste0(quoted(names(x)), ": ", vapply(x, number, ""), collapse = ", "), "}")
rows <- function(t, columns) paste0("[\n  ", paste(vapply(seq_len(nrow(t)), function(i) paste0("[\"", t$lhs[i], "\", \"",
  t$op[i], "\", \"", t$rhs[i], "\", ", paste(vapply(columns, function(k) number(t[[k]][i]), ""), collapse = ", "), "]"), ""),
  collapse = ",\n  "), "]")
measures <- c("chisq", "df", "pvalue", "baseline.chisq", "baseline.df", "cfi", "tli", "rmsea", "srmr", "logl", "aic", "bic",
  "npar", "ntotal", "chisq.scaled", "chisq.scaling.factor", "baseline.chisq.scaling.factor", "cfi.robust", "tli.robust", "rmsea.robust",
  "rmsea.ci.lower.robust", "rmsea.ci.upper.robust", "cfi.scaled", "rmsea.scaled")
described <- function(case) {
  d <- data[[if (is.null(case$data)) "complete" else case$data]]
  options <- list(model = case$model, data = d, estimator = if (is.null(case$estimator)) "ML" else case$estimator)
  if (!is.null(case$missing)) options$missing <- case$missing
  if (!is.null(case$weights)) options$sampling.weights <- "w"
  if (!is.null(case$cluster)) options$cluster <- "cluster"
  fit <- suppressWarnings(do.call("sem", options))
  f <- fitMeasures(fit)
  index <- try(modindices(fit), silent = TRUE)
  index <- if (inherits(index, "try-error")) "[]" else rows(head(index[order(-index$mi), ], 12), c("mi", "epc"))
  flags <- paste0("\"weights\": ", tolower(!is.null(case$weights)), ", \"cluster\": ", tolower(!is.null(case$cluster)))
  paste0("{\"model\": ", quoted(case$model), ", \"estimator\": ", quoted(options$estimator), ", \"data\": ",
         quoted(if (is.null(case$data)) "complete" else case$data), ", ", flags,
         ",\n \"fit\": ", object(as.list(f[intersect(measures, names(f))])),
         ",\n \"estimates\": ", rows(parameterEstimates(fit), c("est", "se")),
         ",\n \"standardized\": ", rows(standardizedSolution(fit), c("est.std", "se")),
         ",\n \"modification\": ", index, "}")
}
made <- paste0("{\"made_with\": {\"R\": \"", getRversion(), "\", \"lavaan\": \"", packageVersion("lavaan"), "\"},\n")
parts <- vapply(names(cases), function(name) paste0(quoted(name), ": ", described(cases[[name]])), "")
cat(paste0(made, paste(parts, collapse = ",\n"), "}\n"), file = args[3])
