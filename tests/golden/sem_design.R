# Rscript sem_design.R csibank.csv sem_design.json
# Design-based errors of the ECSI, which lavaan has no strata for: lavaan's weighted fit, scores and observed information, R survey's
# variance of the weighted total of the scores over the design. w = 1 + (row mod 5)/2, strata = row mod 4, PSU = row mod 40
# (nested); `finite` ones with 500 + 100 h rows or 20 + 5 h PSU in the population of stratum h. `check` is the largest relative distance between the same without a design and lavaan's own MLR errors.
suppressMessages({library(lavaan); library(survey)})
args <- commandArgs(TRUE)
ecsi <- "
IMAG =~ imag1 + imag2 + imag3 + imag4 + imag5 + imag6
EXPE =~ expe1 + expe2 + expe3 + expe4
QUAL =~ qual1 + qual2 + qual3 + qual4 + qual5 + qual6 + qual7
VAL =~ val1 + val2 + val3 + val4
SAT =~ sat1 + sat2 + sat3
LOY =~ loy1 + loy2 + loy3
EXPE ~ IMAG
QUAL ~ EXPE
VAL ~ EXPE + QUAL
SAT ~ IMAG + EXPE + QUAL + VAL
LOY ~ IMAG + SAT
"
b <- read.csv(args[1])
row <- seq_len(nrow(b))
b$w <- 1 + (row %% 5) / 2; b$w <- b$w / mean(b$w); b$h <- row %% 4; b$g <- row %% 40
b$rows <- 500 + 100 * b$h; b$units <- 20 + 5 * b$h
fit <- sem(ecsi, data = b, estimator = "MLR", sampling.weights = "w", optim.method = "BFGS", control = list(reltol = 1e-15, maxit = 5000))
bread <- solve(lavInspect(fit, "information.observed")) / nrow(b)
scores <- lavScores(fit)
errors <- function(...) sqrt(diag(bread %*% vcov(svytotal(scores, svydesign(weights = ~w, data = b, ...))) %*% bread))
plain <- sqrt(diag(bread %*% crossprod(scores * b$w) %*% bread))
found <- list(strata = errors(ids = ~1, strata = ~h), psu_in_strata = errors(ids = ~g, strata = ~h, nest = TRUE),
              finite_strata = errors(ids = ~1, strata = ~h, fpc = ~rows),
              finite_psu_in_strata = errors(ids = ~g, strata = ~h, nest = TRUE, fpc = ~units))
number <- function(x) sprintf("%.10g", x)
names <- names(coef(fit))
listed <- function(values) paste0("{", paste0("\"", names, "\": ", number(values), collapse = ", "), "}")
cat(paste0("{\"made_with\": {\"R\": \"", getRversion(), "\", \"lavaan\": \"", packageVersion("lavaan"), "\", \"survey\": \"",
  packageVersion("survey"), "\"},\n \"check\": ", number(max(abs(plain / sqrt(diag(vcov(fit))) - 1))), ",\n \"estimates\": ", listed(coef(fit)),
  ",\n ", paste0("\"", names(found), "\": ", vapply(found, listed, ""), collapse = ",\n "), "}\n"), file = args[2])
