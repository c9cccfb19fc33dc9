# Rscript sem.R case data.csv model.lav replicates : CPU seconds and estimates of lavaan as JSON
suppressMessages(library(lavaan))
args <- commandArgs(TRUE)
data <- read.csv(args[2])
model <- paste(readLines(args[3]), collapse = "\n")
fitted <- function() switch(args[1],
  MLR = sem(model, data, estimator = "MLR"),
  FIML = sem(model, data, missing = "fiml"),
  WLSMV = sem(model, data, ordered = TRUE),
  sem(model, data))
cpu <- function(x) sum(system.time(x)[1:2])
seconds <- cpu(fit <- fitted())
if (args[1] == "bootstrap") seconds <- cpu(bootstrapLavaan(fit, R = as.integer(args[4]), FUN = "coef"))
p <- subset(parTable(fit), free > 0 & op != "|")
names <- paste(p$lhs, p$op, p$rhs)
cat(sprintf("{\"seconds\": %.4f, \"estimates\": {%s}}", seconds, paste0("\"", names, "\": ", sprintf("%.10g", p$est), collapse = ", ")))
