# Rscript sem_bootstrap.R csibank.csv sem_bootstrap.json
# Standard errors of the ECSI paths over 600 bootstrap samples, by lavaan.
suppressMessages(library(lavaan))
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
fit <- sem(ecsi, data = read.csv(args[1]))
set.seed(20)
drawn <- bootstrapLavaan(fit, R = 600, FUN = "coef")
colnames(drawn) <- names(coef(fit))
paths <- grep("^[A-Z]+~[A-Z]+$", colnames(drawn), value = TRUE)
errors <- apply(drawn[, paths], 2, sd)
made <- paste0("{\"made_with\": {\"R\": \"", getRversion(), "\", \"lavaan\": \"", packageVersion("lavaan"), "\", \"replicates\": 600},\n")
cat(paste0(made, "\"se\": {", paste0("\"", paths, "\": ", sprintf("%.6g", errors), collapse = ", "), "}}\n"), file = args[2])
