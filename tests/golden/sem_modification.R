# Rscript sem_modification.R HolzingerSwineford1939.csv sem_modification.json
# lavaan's modification indices of cross-loadings and residual covariances, three-factor model.
suppressMessages(library(lavaan))
args <- commandArgs(TRUE)
fit <- cfa("visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9", data = read.csv(args[1]))
m <- modindices(fit)
rows <- paste0("[\"", m$lhs, "\", \"", m$op, "\", \"", m$rhs, "\", ", sprintf("%.10g", m$mi), ", ", sprintf("%.10g", m$epc), "]")
made <- paste0("{\"made_with\": {\"R\": \"", getRversion(), "\", \"lavaan\": \"", packageVersion("lavaan"), "\"},\n")
cat(paste0(made, "\"indices\": [\n ", paste(rows, collapse = ",\n "), "]}\n"), file = args[2])
