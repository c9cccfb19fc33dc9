# Rscript sem_modification.R HolzingerSwineford1939.csv PoliticalDemocracy.csv sem_modification.json
# lavaan's modification indices: of cells left out of a factor model, of paths left out of a structural one, of a fixed
# intercept, and (score test) of loadings that are held equal.
suppressMessages(library(lavaan))
args <- commandArgs(TRUE)
school <- read.csv(args[1])
democracy <- read.csv(args[2])
measured <- "ind60 =~ x1 + x2 + x3\ndem60 =~ y1 + y2 + y3 + y4\ndem65 =~ y5 + y6 + y7 + y8"
paths <- paste0(measured, "\ndem60 ~ ind60\ndem65 ~ dem60")
equal <- paste0(
  "ind60 =~ x1 + x2 + x3\ndem60 =~ y1 + a*y2 + b*y3 + c*y4\ndem65 =~ y5 + a*y6 + b*y7 + c*y8",
  "\ndem60 ~ ind60\ndem65 ~ ind60 + dem60"
)
intercept <- paste0(paths, "\ny1 ~ 5*1")
row <- function(lhs, op, rhs, mi, epc) {
  sprintf("[\"%s\", \"%s\", \"%s\", %.10g, %.10g]", lhs, op, rhs, mi, epc)
}
told <- function(fit) {
  m <- modindices(fit)
  m <- m[is.finite(m$mi), ]
  row(m$lhs, m$op, m$rhs, m$mi, m$epc)
}
released <- function(fit) {
  uni <- lavTestScore(fit)$uni
  p <- parTable(fit)
  first <- p[match(uni$lhs, p$plabel), ]
  row(first$lhs, first$op, first$rhs, uni$X2, NaN)
}
cases <- list(
  factors = told(cfa("visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9", data = school)),
  paths = told(sem(paths, data = democracy)),
  intercept = told(sem(intercept, data = democracy, meanstructure = TRUE)),
  equal = gsub("NaN", "null", released(sem(equal, data = democracy)))
)
made <- paste0("{\"made_with\": {\"R\": \"", getRversion(), "\", \"lavaan\": \"", packageVersion("lavaan"), "\"}")
texts <- sapply(names(cases), function(name) paste0("\"", name, "\": [\n ", paste(cases[[name]], collapse = ",\n "), "]"))
cat(paste0(made, ",\n", paste(texts, collapse = ",\n"), "}\n"), file = args[3])
