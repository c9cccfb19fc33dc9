# Rscript sem_csibank.R csibank.csv plspm.csv sem_csibank.json
# lavaan's answers for the ECSI model on the two bank surveys: fit, estimates, standardised solution, effects.
suppressMessages(library(lavaan))
args <- commandArgs(TRUE)
blocks <- list(IMAG = 6, EXPE = 4, QUAL = 7, VAL = 4, SAT = 3, LOY = 3)
pls_blocks <- list(IMAG = 5, EXPE = 5, QUAL = 5, VAL = 4, SAT = 4, LOY = 4)
measured <- function(blocks) paste(mapply(function(name, k)
  paste(name, "=~", paste0(tolower(name), seq_len(k), collapse = " + ")), names(blocks), blocks), collapse = "\n")
paths <- "
EXPE ~ a*IMAG
QUAL ~ b*EXPE
VAL ~ c*EXPE + d*QUAL
SAT ~ e*IMAG + f*EXPE + g*QUAL + h*VAL
LOY ~ i*IMAG + j*SAT
"
effects <- "
EXPE_SAT_indirect := b*g + c*h + b*d*h
EXPE_SAT_total := f + b*g + c*h + b*d*h
IMAG_SAT_indirect := a*(f + b*g + c*h + b*d*h)
IMAG_SAT_total := e + a*(f + b*g + c*h + b*d*h)
QUAL_SAT_total := g + d*h
IMAG_LOY_indirect := j*(e + a*(f + b*g + c*h + b*d*h))
IMAG_LOY_total := i + j*(e + a*(f + b*g + c*h + b*d*h))
EXPE_LOY_total := j*(f + b*g + c*h + b*d*h)
VAL_LOY_total := j*h
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
  r2 <- lavInspect(fit, "rsquare")
  paste0("{\"fit\": ", object(as.list(fitMeasures(fit, measures))),
         ",\n \"estimates\": ", rows(text(parameterEstimates(fit)), c("est", "se")),
         ",\n \"standardized\": ", rows(text(standardizedSolution(fit)), c("est.std", "se")),
         ",\n \"r_squared\": ", object(as.list(r2[names(r2) %in% names(blocks)])), "}")
}
csibank <- sem(paste(measured(blocks), paths, effects), data = read.csv(args[1]))
pls <- suppressWarnings(sem(paste(measured(pls_blocks), paths, effects), data = read.csv(args[2])))
cat(paste0("{\"made_with\": {\"R\": \"", getRversion(), "\", \"lavaan\": \"", packageVersion("lavaan"), "\"},\n\"csibank\": ",
           described(csibank), ",\n\"plspm_satisfaction\": ", described(pls), "}\n"), file = args[3])
