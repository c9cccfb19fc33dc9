# Rscript sem_benchmark.R complete.csv gaps.csv model.txt sem_benchmark.json
# lavaan on the 41-item benchmark data of 2,000 rows (python sem_benchmark.py complete.csv gaps.csv model.txt):
# ML, MLR and, with 5 % of the answers missing, FIML with errors from the observed information (takes minutes).
suppressMessages(library(lavaan))
args <- commandArgs(TRUE)
model <- paste(readLines(args[3]), collapse = "\n")
number <- function(x) if (is.na(x)) "null" else sprintf("%.10g", x)
wanted <- c("chisq", "df", "pvalue", "baseline.chisq", "cfi", "tli", "rmsea", "rmsea.ci.lower", "rmsea.ci.upper", "rmsea.pvalue",
            "srmr", "logl", "aic", "bic")
scaled <- c("chisq.scaled", "chisq.scaling.factor", "cfi.robust", "tli.robust", "rmsea.robust")
described <- function(fit) {
  p <- parameterEstimates(fit); s <- standardizedSolution(fit)
  rows <- vapply(seq_len(nrow(p)), function(i) paste0("[\"", p$lhs[i], "\", \"", p$op[i], "\", \"", p$rhs[i], "\", ",
    paste(vapply(c(p$est[i], p$se[i], s$est.std[i], s$se[i]), number, ""), collapse = ", "), "]"), "")
  f <- fitMeasures(fit, if (length(fit@test) > 1) c(wanted, scaled) else wanted) # all of them would take as long as the fit
  r <- lavInspect(fit, "rsquare"); r <- r[lavNames(fit, "lv.nox")]
  paste0("{\"fit\": {", paste0("\"", names(f), "\": ", vapply(f, number, ""), collapse = ", "), "},\n \"r_squared\": {",
         paste0("\"", names(r), "\": ", vapply(r, number, ""), collapse = ", "), "},\n \"estimates\": [\n  ", paste(rows, collapse = ",\n  "), "]}")
}
d <- read.csv(args[1]); gaps <- read.csv(args[2])
# The default optimizer stops when a path still moves by 1e-5 of itself; BFGS goes on.
exact <- function(...) sem(model, d, optim.method = "BFGS", control = list(reltol = 1e-15, maxit = 5000), ...)
fits <- list(ml = exact(), mlr = exact(estimator = "MLR"), fiml = sem(model, gaps, missing = "fiml"))
top <- head(modindices(fits$ml, sort. = TRUE, op = c("=~", "~~")), 400)
top <- top[(top$op == "=~" & !(top$rhs %in% lavNames(fits$ml, "lv"))) | (top$op == "~~" & top$lhs %in% lavNames(fits$ml, "ov")), ]
mi <- vapply(seq_len(25), function(i) paste0("[\"", top$lhs[i], "\", \"", top$op[i], "\", \"", top$rhs[i], "\", ", number(top$mi[i]), ", ",
  number(top$epc[i]), "]"), "")
cat(paste0("{\"made_with\": {\"R\": \"", getRversion(), "\", \"lavaan\": \"", packageVersion("lavaan"), "\"},\n",
  paste0("\"", names(fits), "\": ", vapply(fits, described, ""), collapse = ",\n"), ",\n\"modification\": [\n  ",
  paste(mi, collapse = ",\n  "), "]}\n"), file = args[4])
