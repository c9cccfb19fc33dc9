# Rscript sem_models.R model.txt data.csv out.json ML MLR FIML WLSMV: lavaan's answers to one model by several estimators.
# Each is fitted from lavaan's own start, and from a simple one where that leads nowhere.
suppressMessages(library(lavaan))
args <- commandArgs(TRUE)
model <- paste(readLines(args[1]), collapse = "\n")
d <- read.csv(args[2])
number <- function(x) if (length(x) == 0 || is.na(x) || !is.finite(x)) "null" else sprintf("%.10g", x)
quoted <- function(x) paste0("\"", gsub("[\"\n\\\\]", " ", x), "\"")
fitted <- function(kind, start) {
  options <- list(model = model, data = d, start = start, estimator = if (kind == "FIML") "MLR" else kind)
  if (kind == "FIML") options$missing <- "ml"
  if (kind == "WLSMV") options$ordered <- grep("^x", names(d), value = TRUE)
  if ("w" %in% names(d)) options$sampling.weights <- "w"
  if ("cl" %in% names(d)) options$cluster <- "cl"
  tryCatch(suppressWarnings(do.call("sem", options)), error = function(e) conditionMessage(e))
}
described <- function(kind) {
  reached <- function(f) is(f, "lavaan") && lavInspect(f, "converged")
  fits <- list(fitted(kind, "default"))
  if (!reached(fits[[1]])) fits <- c(fits, fitted(kind, "simple"))
  good <- Filter(reached, fits)
  if (!length(good)) {
    reason <- if (is.character(fits[[1]])) substr(fits[[1]], 1, 150) else "not converged"
    return(paste0("{\"converged\": false, \"reason\": ", quoted(reason), "}"))
  }
  value <- vapply(good, function(f) fitMeasures(f, "chisq"), 0)
  fit <- good[[which.min(value)]]
  f <- fitMeasures(fit)
  e <- as.data.frame(parameterEstimates(fit, remove.nonfree = FALSE))
  e <- e[!(e$op %in% c("|", "~*~")), ]
  scaled <- if ("chisq.scaled" %in% names(f)) f[["chisq.scaled"]] else NA
  cells <- paste0(quoted(paste0(e$lhs, e$op, e$rhs)), ": [", vapply(e$est, number, ""), ", ",
                  vapply(if (is.null(e$se)) rep(NA, nrow(e)) else e$se, number, ""), "]", collapse = ", ")
  paste0("{\"converged\": true, \"chi2\": ", number(f[["chisq"]]), ", \"scaled\": ", number(scaled), ", \"estimates\": {", cells, "}}")
}
parts <- character(0)
for (kind in args[-(1:3)]) {
  parts <- c(parts, paste0(quoted(kind), ": ", described(kind)))
  cat(paste0("{", paste(parts, collapse = ",\n"), "}\n"), file = args[3])
}
