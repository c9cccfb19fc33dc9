# python sem_syntax.py complete.csv; python sem_syntax.py gaps.csv; Rscript sem_written_groups.R complete.csv gaps.csv sem_written_groups.json
# lavaan's answers for models that the user writes for several groups; the models stand in the result beside the answers.
suppressMessages(library(lavaan))
args <- commandArgs(TRUE)
prepared <- function(file) {
  d <- read.csv(file)
  d$sex.m <- as.numeric(d$sex == "m")
  d
}
data <- list(complete = prepared(args[1]), gaps = prepared(args[2]))
measured <- "visual =~ x1 + x2 + x3
textual =~ x4 + x5 + x6
speed =~ x7 + x8 + x9
"
explained <- paste0(measured, "speed ~ c(a, b)*visual + c(k, k)*textual + age\ndifference := a - b\n")
cases <- list(
  configural = list(model = measured, group = "sex"),
  metric = list(model = measured, group = "sex", equal = "loadings"),
  scalar = list(model = measured, group = "sex", equal = c("loadings", "intercepts")),
  scalar_robust = list(model = measured, group = "sex", equal = c("loadings", "intercepts"), estimator = "MLR"),
  strict_gaps = list(model = measured, group = "sex", equal = c("loadings", "intercepts", "residuals"), estimator = "MLR",
                     data = "gaps", missing = "ml"),
  everything = list(model = measured, group = "city", equal = c("loadings", "intercepts", "means", "residuals", "lv.variances",
                    "lv.covariances")),
  labels = list(model = explained, group = "sex", equal = "loadings"),
  labels_robust = list(model = explained, group = "sex", estimator = "MLR"),
  equations = list(model = paste0(explained, "a == b\n"), group = "sex", equal = c("loadings", "regressions")),
  vectors = list(model = "visual =~ x1 + c(0.9, 1)*x2 + c(NA, 0.8)*x3\nx1 ~ c(3, NA)*1\nvisual ~~ c(v, v)*visual\n", group = "sex"),
  paths = list(model = "y1 ~ c(a, b)*age + income\ny2 ~ y1 + c(j, j)*income\n", group = "sex")
)
number <- function(x) if (length(x) == 0 || is.na(x)) "null" else sprintf("%.12g", x)
quoted <- function(x) paste0("\"", gsub("\n", "\\\\n", x), "\"")
object <- function(x) paste0("{", paste0(quoted(names(x)), ": ", vapply(x, number, ""), collapse = ", "), "}")
measures <- c("chisq", "df", "pvalue", "baseline.chisq", "baseline.df", "cfi", "tli", "rmsea", "rmsea.ci.lower", "rmsea.ci.upper",
  "srmr", "logl", "aic", "bic", "npar", "ntotal", "chisq.scaled", "chisq.scaling.factor", "cfi.robust", "rmsea.robust")
described <- function(case) {
  d <- data[[if (is.null(case$data)) "complete" else case$data]]
  levels <- sort(unique(d[[case$group]]))
  options <- list(model = case$model, data = d, estimator = if (is.null(case$estimator)) "ML" else case$estimator,
                  group = case$group, group.label = levels)
  if (!grepl("==", case$model)) options <- c(options, list(control = list(rel.tol = 1e-13), optim.force.converged = TRUE))
  if (!is.null(case$equal)) options$group.equal <- case$equal
  if (!is.null(case$missing)) options$missing <- case$missing
  fit <- suppressWarnings(do.call("sem", options))
  f <- fitMeasures(fit)
  e <- as.data.frame(parameterEstimates(fit))
  e <- e[!(e$op %in% c("==", "<", ">")), ]
  s <- as.data.frame(standardizedSolution(fit))
  s <- s[!(s$op %in% c("==", "<", ">")), ]
  label <- ifelse(e$group > 0, levels[pmax(e$group, 1)], "")
  rows <- paste0("[", quoted(label), ", ", quoted(e$lhs), ", ", quoted(e$op), ", ", quoted(e$rhs), ", ", vapply(e$est, number, ""),
                 ", ", vapply(e$se, number, ""), ", ", vapply(s$est.std, number, ""), "]", collapse = ",\n  ")
  paste0("{\"model\": ", quoted(case$model), ", \"estimator\": ", quoted(options$estimator), ", \"group\": ", quoted(case$group),
         ", \"equal\": [", if (is.null(case$equal)) "" else paste(quoted(case$equal), collapse = ", "), "], \"data\": ",
         quoted(if (is.null(case$data)) "complete" else case$data), ",\n \"fit\": ",
         object(as.list(f[intersect(measures, names(f))])), ",\n \"estimates\": [\n  ", rows, "]}")
}
made <- paste0("{\"made_with\": {\"R\": \"", getRversion(), "\", \"lavaan\": \"", packageVersion("lavaan"), "\"},\n")
parts <- vapply(names(cases), function(name) paste0(quoted(name), ": ", described(cases[[name]])), "")
cat(paste0(made, paste(parts, collapse = ",\n"), "}\n"), file = args[3])
