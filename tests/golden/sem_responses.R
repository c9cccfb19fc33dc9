# python sem_syntax.py complete.csv; python sem_syntax.py gaps.csv; Rscript sem_responses.R complete.csv gaps.csv sem_responses.json
# lavaan's WLSMV of ordered items beside numbers, given covariates, and in several groups. Ordered items become categories:
# 1 + how many of m - s, m, m + s (x4: of m + s / 2 alone) lie below the value (m mean and s standard deviation, n - 1, of the
# given); age is counted in tens from 40. `group` is a variable of the data, `equal` what group.equal names, `ordered` the items that are cut,
# `theta` that residual variances are parameters.
suppressMessages(library(lavaan))
args <- commandArgs(TRUE)
prepared <- function(file) {
  d <- read.csv(file)
  for (j in paste0("x", 1:9)) {
    x <- d[[j]]
    at <- if (j == "x4") 0.5 else c(-1, 0, 1)
    d[[paste0("o", substring(j, 2))]] <- 1 + rowSums(outer(x, mean(x, na.rm = TRUE) + at * sd(x, na.rm = TRUE), ">"))
  }
  d$age <- (d$age - 40) / 10
  d$sex.m <- as.numeric(d$sex == "m")
  d$city.south <- as.numeric(d$city == "south")
  d$city.west <- as.numeric(d$city == "west")
  d
}
data <- list(complete = prepared(args[1]), gaps = prepared(args[2]))
ordered <- paste0("o", 1:9)
graded <- "visual =~ o1 + o2 + o3
textual =~ o4 + o5 + o6
"
beside <- paste0(graded, "speed =~ x7 + x8 + x9
")
within <- "visual =~ x1 + o2 + o3
textual =~ o4 + x5 + o6
speed =~ o7 + x8 + x9
"
# Of ordered items that explain each other lavaan makes the residuals of variance one, not the responses: spelled out.
chain <- "f1 =~ 1*o1
f5 =~ 1*o5
f1 ~ age + income
f5 ~ b*f1 + sex.m
y3 ~ f5 + f1 + income
f1 ~~ 1*f1
f5 ~~ v*f5
f5 ~~ 0*y3
v == 1 - b*b
"
cases <- list(
  beside = list(model = beside),
  within = list(model = paste0(within, "speed ~ visual + textual\nx1 ~~ o4\nx8 ~~ x9\n")),
  equal = list(model = "visual =~ o1 + a*o2 + a*x3\nspeed =~ x7 + b*x8 + b*o9\nspeed ~ visual\n"),
  weighted = list(model = paste0(within, "textual ~ visual\nspeed ~ visual + textual\n"), weights = TRUE),
  pairwise = list(model = within, data = "gaps"),
  pairwise_weighted = list(model = paste0(beside, "speed ~ visual + textual\n"), data = "gaps", weights = TRUE),
  number_alone = list(model = "visual =~ o1 + o2 + o3\nfirst =~ x7\nvisual ~ first\n"),
  configural = list(model = graded, group = "sex"),
  metric = list(model = graded, group = "sex", equal = "loadings"),
  scalar = list(model = graded, group = "sex", equal = c("loadings", "thresholds")),
  thresholds = list(model = "visual =~ o1 + o2 + o3 + o5\n", group = "city", equal = c("thresholds", "loadings", "means")),
  intercepts = list(model = beside, group = "sex", equal = c("loadings", "intercepts")),
  strict = list(model = within, group = "sex", equal = c("loadings", "thresholds", "residuals", "lv.variances")),
  labels = list(model = paste0(beside, "speed ~ c(a, b)*visual + c(k, k)*textual\ndifference := a - b\n"), group = "sex",
                equal = "loadings"),
  weighted_groups = list(model = graded, group = "sex", equal = c("loadings", "thresholds"), weights = TRUE),
  pairwise_groups = list(model = within, group = "sex", equal = c("loadings", "thresholds"), data = "gaps"),
  mimic = list(model = paste0(graded, "visual ~ age + sex.m\ntextual ~ visual + age\n")),
  mimic_mixed = list(model = paste0(within, "visual ~ age + sex.m\ntextual ~ city.south + city.west\nspeed ~ visual + textual + income\n")),
  mimic_direct = list(model = "visual =~ o1 + o2 + o3 + o5\nvisual ~ age + income\no2 ~ sex.m\n"),
  mimic_weighted = list(model = paste0(within, "visual ~ age + sex.m\nspeed ~ visual + age\n"), weights = TRUE),
  mimic_pairwise = list(model = paste0(graded, "visual ~ income + sex.m\ntextual ~ visual + sex.m\n"), data = "gaps"),
  path = list(model = "o1 ~ age + income\no5 ~ o1 + sex.m\ny3 ~ o5 + o1 + income\n", said = chain),
  mimic_groups = list(model = paste0(graded, "visual ~ c(a, b)*age\ntextual ~ visual + c(k, k)*age\n"), group = "sex",
                      equal = c("loadings", "thresholds")),
  growth = list(model = paste0("level =~ 1*o1 + 1*o2 + 1*o3\nslope =~ 0*o1 + 1*o2 + 2*o3\n",
                               paste0("o", 1:3, " | a*t1 + b*t2 + c*t3\n", collapse = ""),
                               "level ~ 0*1\nslope ~ 1\no2 ~*~ o2\no3 ~*~ o3\n")),
  threshold_fixed = list(model = "visual =~ o1 + o2 + x3\no1 | -1*t1 + t2\nvisual ~ 1\n"),
  number_fixed = list(model = "visual =~ x1 + o2 + o3\nx1 ~ 2.5*1\nvisual ~ 1\n"),
  mimic_means = list(model = "visual =~ o1 + o2 + o3\no1 | 0*t2\nvisual ~ 1 + age\n"),
  labelled_groups = list(model = paste0("visual =~ o1 + c(l, l)*o2 + c(m, m)*o3 + c(n, n)*o5\n",
                                        paste0("o", c(1:3, 5), " | c(u", 1:4, ", u", 1:4, ")*t1 + c(v", 1:4, ", v", 1:4, ")*t2\n", collapse = ""),
                                        "visual ~ c(0, NA)*1\n"), group = "sex"),
  bound_loadings = list(model = "visual =~ o1 + a*o2 + b*x3\nspeed =~ x7 + c*x8 + d*o9\nspeed ~ visual\na == b\nc*d == 1.2\n"),
  bound_sum = list(model = "visual =~ NA*o1 + a*o1 + b*o2 + c*o3\ntextual =~ o4 + d*o5 + e*o6\na + b + c == 3\nd == e\n"),
  bound_path = list(model = paste0(beside, "speed ~ k*visual + l*textual\nk < 0.1\n")),
  bound_order = list(model = paste0(beside, "speed ~ k*visual + l*textual\nk > l + 0.5\nl > -1\n")),
  bound_levels = list(model = "visual =~ o1 + o2 + o3\no1 | a*t1 + b*t2 + c*t3\nvisual ~ 1\nb - a == 1.1*(c - b)\nb == 0.1\n"),
  bound_pairwise = list(model = paste0(beside, "speed ~ k*visual + l*textual\nk == 2*l - 0.1\n"), data = "gaps", weights = TRUE),
  bound_groups = list(model = "visual =~ o1 + c(a, d)*o2 + c(b, e)*x3\nspeed =~ x7 + x8 + o9\nspeed ~ c(k, m)*visual\na == d\nk < m - 0.1\n",
                      group = "sex"),
  theta = list(model = "visual =~ o1 + a*o2 + a*o3\ntextual =~ o4 + o5 + o6\ntextual ~ visual\n", theta = TRUE),
  theta_mixed = list(model = paste0(within, "speed ~ visual + textual\no2 ~~ o4\nx8 ~~ x9\n"), theta = TRUE, weights = TRUE),
  theta_given = list(model = "visual =~ o1 + o2 + o3 + l*o5\no2 ~~ 1.5*o2\no3 ~~ r*o3\nr == l^2\n", theta = TRUE),
  theta_mimic = list(model = paste0(graded, "visual ~ k*age + sex.m\ntextual ~ visual + l*age\nk == 2*l\n"), theta = TRUE),
  theta_pairwise = list(model = paste0(beside, "speed ~ visual + textual + income\n"), theta = TRUE, data = "gaps"),
  theta_metric = list(model = graded, theta = TRUE, group = "sex", equal = "loadings"),
  theta_scalar = list(model = graded, theta = TRUE, group = "sex", equal = c("loadings", "thresholds")),
  theta_strict = list(model = within, theta = TRUE, group = "sex", equal = c("loadings", "thresholds", "residuals", "lv.variances")),
  theta_path = list(model = "o1 ~ age + income\no5 ~ o1 + sex.m\ny3 ~ o5 + o1 + income\n", theta = TRUE),
  theta_growth = list(model = paste0("level =~ 1*o1 + 1*o2 + 1*o3\nslope =~ 0*o1 + 1*o2 + 2*o3\n",
                                     paste0("o", 1:3, " | a*t1 + b*t2 + c*t3\n", collapse = ""),
                                     "level ~ 0*1\nslope ~ 1\no2 ~~ r*o2\no3 ~~ r*o3\n"), theta = TRUE)
)
number <- function(x) if (length(x) == 0 || is.na(x)) "null" else sprintf("%.12g", x)
quoted <- function(x) paste0("\"", gsub("\n", "\\\\n", x), "\"")
object <- function(x) paste0("{", paste0(quoted(names(x)), ": ", vapply(x, number, ""), collapse = ", "), "}")
measures <- c("chisq", "df", "pvalue", "baseline.chisq", "baseline.df", "cfi", "tli", "rmsea", "rmsea.ci.lower", "rmsea.ci.upper",
  "srmr", "npar", "ntotal", "chisq.scaled", "pvalue.scaled", "chisq.scaling.factor", "cfi.robust", "tli.robust", "rmsea.robust",
  "rmsea.ci.lower.robust", "rmsea.ci.upper.robust", "cfi.scaled", "tli.scaled", "rmsea.scaled", "rmsea.ci.lower.scaled",
  "rmsea.ci.upper.scaled")
described <- function(case) {
  d <- data[[if (is.null(case$data)) "complete" else case$data]]
  options <- list(model = if (is.null(case$said)) case$model else case$said, data = d, ordered = ordered[vapply(ordered, grepl, TRUE, case$model)],
                  missing = if (is.null(case$data)) "listwise" else "pairwise",
                  optim.force.converged = TRUE)
  # its minimiser finds no way with so small a tolerance where the scales are free, or under constraints
  if (!grepl("==|<|>", case$model) && !any(c("thresholds", "intercepts") %in% case$equal) && !grepl("[|]|~ 1", case$model) && is.null(case$said)) options$control <- list(rel.tol = 1e-13)
  if (!is.null(case$theta)) options$parameterization <- "theta"
  levels <- ""
  if (!is.null(case$group)) {
    levels <- sort(unique(d[[case$group]]))
    options <- c(options, list(group = case$group, group.label = levels))
  }
  if (!is.null(case$equal)) options$group.equal <- case$equal
  if (!is.null(case$weights)) options$sampling.weights <- "w"
  fit <- suppressWarnings(do.call("sem", options))
  f <- fitMeasures(fit)
  e <- as.data.frame(parameterEstimates(fit))
  s <- as.data.frame(standardizedSolution(fit))
  e$group <- if (is.null(e$group)) 1 else e$group
  e[c("lhs", "rhs")] <- lapply(e[c("lhs", "rhs")], function(x) sub("^f([0-9])$", "o\\1", x))
  label <- ifelse(e$group > 0, levels[pmax(e$group, 1)], "")
  rows <- paste0("[", quoted(label), ", ", quoted(e$lhs), ", ", quoted(e$op), ", ", quoted(e$rhs), ", ", vapply(e$est, number, ""),
                 ", ", vapply(e$se, number, ""), ", ", vapply(s$est.std, number, ""), "]", collapse = ",\n  ")
  paste0("{\"model\": ", quoted(case$model), ", \"group\": ", if (is.null(case$group)) "null" else quoted(case$group),
         ", \"equal\": [", if (is.null(case$equal)) "" else paste(quoted(case$equal), collapse = ", "), "], \"data\": ",
         quoted(if (is.null(case$data)) "complete" else case$data), ", \"weights\": ", tolower(!is.null(case$weights)),
         ", \"parameterization\": ", quoted(if (is.null(case$theta)) "delta" else "theta"),
         ",\n \"fit\": ", object(as.list(f[intersect(measures, names(f))])), ",\n \"estimates\": [\n  ", rows, "]}")
}
made <- paste0("{\"made_with\": {\"R\": \"", getRversion(), "\", \"lavaan\": \"", packageVersion("lavaan"), "\"},\n")
parts <- vapply(names(cases), function(name) paste0(quoted(name), ": ", described(cases[[name]])), "")
cat(paste0(made, paste(parts, collapse = ",\n"), "}\n"), file = args[3])
