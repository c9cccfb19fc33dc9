# python sem_syntax.py complete.csv; python sem_syntax.py gaps.csv; Rscript sem_ordinal_corners.R complete.csv gaps.csv sem_ordinal_corners.json
# lavaan's WLSMV where answers are missing (pairwise) and where a construct has one item. The items become four
# categories: 1 + how many of m - s, m, m + s lie below the value (m mean and s standard deviation, n - 1, of the given).
# lavaan can't fit a construct with one ordered item as it stands: its variance is not identified. `model` is what a user
# of ours writes, `said` the same for lavaan, with the unit variance of the latent response written out.
suppressMessages(library(lavaan))
args <- commandArgs(TRUE)
cut_up <- function(file) {
  d <- read.csv(file)
  for (j in paste0("x", 1:9)) {
    x <- d[[j]]
    d[[j]] <- 1 + rowSums(outer(x, mean(x, na.rm = TRUE) + c(-1, 0, 1) * sd(x, na.rm = TRUE), ">"))
  }
  d
}
data <- list(complete = cut_up(args[1]), gaps = cut_up(args[2]))
factors <- "visual =~ x1 + x2 + x3
textual =~ x4 + x5 + x6
speed =~ x7 + x8 + x9
"
paths <- paste0(factors, "speed ~ visual + textual\n")
single <- "visual =~ x1 + x2 + x3
first =~ x7
again =~ x9
visual ~ first
again ~ visual + first
"
spelled <- "visual =~ x1 + x2 + x3
first =~ 1*x7
again =~ 1*x9
first ~~ 1*first
visual ~ f*first
again ~ a*visual + b*first
visual ~~ v*visual
again ~~ r*again
r == 1 - (a*a*(f*f + v) + b*b + 2*a*b*f)
"
cases <- list(
  complete = list(model = factors),
  pairwise = list(model = paths, data = "gaps"),
  pairwise_weighted = list(model = paths, data = "gaps", weights = TRUE),
  single = list(model = single, said = spelled)
)
number <- function(x) if (length(x) == 0 || is.na(x)) "null" else sprintf("%.12g", x)
quoted <- function(x) paste0("\"", gsub("\n", "\\\\n", x), "\"")
object <- function(x) paste0("{", paste0(quoted(names(x)), ": ", vapply(x, number, ""), collapse = ", "), "}")
rows <- function(t, columns) paste0("[\n  ", paste(vapply(seq_len(nrow(t)), function(i) paste0("[\"", t$lhs[i], "\", \"",
  t$op[i], "\", \"", t$rhs[i], "\", ", paste(vapply(columns, function(k) number(t[[k]][i]), ""), collapse = ", "), "]"), ""),
  collapse = ",\n  "), "]")
wanted <- c("ntotal", "chisq", "df", "chisq.scaled", "pvalue.scaled", "chisq.scaling.factor", "baseline.chisq", "baseline.df",
  "cfi", "tli", "rmsea", "srmr", "cfi.robust", "tli.robust", "rmsea.robust", "rmsea.ci.lower.robust", "rmsea.ci.upper.robust",
  "rmsea.pvalue.robust")
described <- function(case) {
  options <- list(model = if (is.null(case$said)) case$model else case$said, ordered = TRUE,
                  data = data[[if (is.null(case$data)) "complete" else case$data]],
                  missing = if (is.null(case$data)) "listwise" else "pairwise")
  if (is.null(case$said)) options <- c(options, list(control = list(rel.tol = 1e-13), optim.force.converged = TRUE))
  if (!is.null(case$weights)) options$sampling.weights <- "w"
  fit <- do.call("sem", options)
  kept <- function(t) subset(t, op %in% c("=~", "~", "|") | (op == "~~" & !(lhs == rhs & lhs %in% lavNames(fit, "ov"))))
  paste0("{\"model\": ", quoted(case$model), ", \"data\": ", quoted(if (is.null(case$data)) "complete" else case$data),
         ", \"weights\": ", tolower(!is.null(case$weights)),
         ",\n \"fit\": ", object(as.list(fitMeasures(fit, wanted))),
         ",\n \"estimates\": ", rows(kept(as.data.frame(parameterEstimates(fit))), c("est", "se")),
         ",\n \"standardized\": ", rows(kept(as.data.frame(standardizedSolution(fit))), c("est.std", "se")), "}")
}
made <- paste0("{\"made_with\": {\"R\": \"", getRversion(), "\", \"lavaan\": \"", packageVersion("lavaan"), "\"},\n")
parts <- vapply(names(cases), function(name) paste0(quoted(name), ": ", described(cases[[name]])), "")
cat(paste0(made, paste(parts, collapse = ",\n"), "}\n"), file = args[3])
