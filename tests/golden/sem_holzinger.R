# Rscript sem_holzinger.R HolzingerSwineford1939.csv sem_holzinger.json
# lavaan's answers for the three-factor model of Holzinger and Swineford.
suppressMessages(library(lavaan))
args <- commandArgs(TRUE)
model <- "
visual =~ x1 + x2 + x3
textual =~ x4 + x5 + x6
speed =~ x7 + x8 + x9
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
cat(paste0(made, "\"model\": ", described(sem(model, data = d)), "}\n"), file = args[2])
