# Rscript sem_replicates.R csibank.csv sem_replicates.json
# Errors of the ECSI from replicate weights: R survey makes the jackknife over 40 clusters (JK1), lavaan is refitted to each
# replicate. w = 1 + (row mod 5)/2, cluster = row mod 40 as in sem_robust.R; mse = TRUE squares around the estimate.
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
b$w <- 1 + (seq_len(nrow(b)) %% 5) / 2
b$g <- seq_len(nrow(b)) %% 40
design <- as.svrepdesign(svydesign(ids = ~g, weights = ~w, data = b), type = "JK1", mse = TRUE)
refit <- function(w, data) {
  data$own <- w
  coef(sem(ecsi, data = data[w > 0, ], sampling.weights = "own", se = "none", test = "none"))
}
r <- withReplicates(design, refit)
number <- function(x) sprintf("%.12g", x)
names <- names(coef(r)); v <- sqrt(diag(vcov(r)))
rows <- paste0("\"", names, "\": [", vapply(coef(r), number, ""), ", ", vapply(v, number, ""), "]", collapse = ",\n  ")
cat(paste0("{\"made_with\": {\"R\": \"", getRversion(), "\", \"lavaan\": \"", packageVersion("lavaan"), "\", \"survey\": \"",
  packageVersion("survey"), "\"},\n \"estimates\": {\n  ", rows, "}}\n"), file = args[2])
