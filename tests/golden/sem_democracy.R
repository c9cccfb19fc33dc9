# Rscript sem_democracy.R PoliticalDemocracy.csv sem_democracy.json
# lavaan's answers for industrialisation and democracy, with residual covariances and equal loadings.
suppressMessages(library(lavaan))
args <- commandArgs(TRUE)
model <- "
ind60 =~ x1 + x2 + x3
dem60 =~ y1 + y2 + y3 + y4
dem65 =~ y5 + y6 + y7 + y8
dem60 ~ p*ind60
dem65 ~ q*ind60 + r*dem60
y1 ~~ y5
y2 ~~ y4 + y6
y3 ~~ y7
y4 ~~ y8
y6 ~~ y8
ind60_dem65_indirect := p*r
ind60_dem65_total := q + p*r
"
equal <- "
ind60 =~ x1 + x2 + x3
dem60 =~ y1 + a*y2 + b*y3 + c*y4
dem65 =~ y5 + a*y6 + b*y7 + c*y8
dem60 + dem65 ~ ind60
"
number <- function(x) if (is.na(x)) "null" else sprintf("%.12g", x)
object <- function(x) paste0("{", paste0("\"", names(x), "\": ", vapply(x, number, ""), collapse = ", "), "}")
rows <- function(t, columns) paste0("[\n  ", paste(apply(t, 1, function(r) paste0("[\"", r[["lhs"]], "\", \"", r[["op"]],
  "\", \"", r[["rhs"]], "\", ", paste(vapply(columns, function(k) number(as.numeric(r[[k]])), ""), collapse = ", "), "]")),
  collapse = ",\n  "), "]")
measures <- c("chisq", "df", "pvalue", "baseline.chisq", "baseline.df", "cfi", "tli", "rmsea", "rmsea.ci.lower",
              "rmsea.ci.upper", "rmsea.pvalue", "srmr", "logl", "aic", "bic", "npar", "ntotal")
text <- function(t) { t[] <- lapply(t, function(x) if (is.numeric(x)) sprintf("%.15g", x) else x); t }
described <- function(fit) {
  paste0("{\"fit\": ", object(as.list(fitMeasures(fit, measures))),
         ",\n \"estimates\": ", rows(text(parameterEstimates(fit)), c("est", "se")),
         ",\n \"standardized\": ", rows(text(standardizedSolution(fit)), c("est.std", "se")), "}")
}
d <- read.csv(args[1])
made <- paste0("{\"made_with\": {\"R\": \"", getRversion(), "\", \"lavaan\": \"", packageVersion("lavaan"), "\"},\n")
cat(paste0(made, "\"model\": ", described(sem(model, data = d)), ",\n\"equal_loadings\": ", described(sem(equal, data = d)), "}\n"), file = args[2])
