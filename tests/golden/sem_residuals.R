# Rscript sem_residuals.R PoliticalDemocracy.csv sem_residuals.json
# lavaan's residual correlations (type cor.bentler), GFI and tests of close fit, with and without missing answers and
# robust errors. Gaps as in sem_robust.R: missing where (7 row + 3 column) mod 11 = 0. lavaan's own GFI of incomplete
# data includes the raw means; `gfi_covariance` is the formula over lavaan's covariances alone.
suppressMessages(library(lavaan))
args <- commandArgs(TRUE)
model <- "
ind60 =~ x1 + x2 + x3
dem60 =~ y1 + y2 + y3 + y4
dem65 =~ y5 + y6 + y7 + y8
dem60 ~ ind60
dem65 ~ ind60 + dem60
y1 ~~ y5
y2 ~~ y4 + y6
y3 ~~ y7
y4 ~~ y8
y6 ~~ y8
"
number <- function(x) if (is.na(x)) "null" else sprintf("%.12g", x)
described <- function(fit) {
  measures <- fitMeasures(fit)
  wanted <- c("gfi", "rmsea.pvalue", "rmsea.pvalue.scaled", "rmsea.pvalue.robust")
  shown <- measures[intersect(wanted, names(measures))]
  sample <- lavInspect(fit, "sampstat")$cov
  weight <- solve(fitted(fit)$cov)
  away <- weight %*% (sample - fitted(fit)$cov)
  whole <- weight %*% sample
  shown["gfi_covariance"] <- 1 - sum(diag(away %*% away)) / sum(diag(whole %*% whole))
  residual <- residuals(fit, type = "cor.bentler")$cov
  pairs <- which(lower.tri(residual), arr.ind = TRUE)
  rows <- paste0("[\"", colnames(residual)[pairs[, 2]], "\", \"", rownames(residual)[pairs[, 1]], "\", ",
                 vapply(residual[pairs], number, ""), "]")
  paste0("{\"fit\": {", paste0("\"", names(shown), "\": ", vapply(shown, number, ""), collapse = ", "), "},\n",
         " \"residuals\": [\n  ", paste(rows, collapse = ",\n  "), "]}")
}
complete <- read.csv(args[1])
gaps <- complete
items <- c(paste0("x", 1:3), paste0("y", 1:8))
for (j in seq_along(items)) gaps[[items[j]]][(7 * seq_len(nrow(gaps)) + 3 * j) %% 11 == 0] <- NA
fits <- list(
  complete = sem(model, data = complete),
  complete_mlr = sem(model, data = complete, estimator = "MLR"),
  fiml = sem(model, data = gaps, missing = "fiml"),
  fiml_mlr = sem(model, data = gaps, missing = "fiml", estimator = "MLR")
)
made <- paste0("{\"made_with\": {\"R\": \"", getRversion(), "\", \"lavaan\": \"", packageVersion("lavaan"), "\"},\n")
parts <- vapply(names(fits), function(name) paste0("\"", name, "\": ", described(fits[[name]])), "")
cat(paste0(made, paste(parts, collapse = ",\n"), "}\n"), file = args[2])
