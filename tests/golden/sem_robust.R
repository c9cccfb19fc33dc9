# Rscript sem_robust.R PoliticalDemocracy.csv csibank.csv sem_robust.json
# lavaan's robust ML (MLR), weighted, clustered and with missing answers. Weights, clusters and gaps follow from the
# row number, so that the tests make the same: w = 1 + (row mod 5)/2, cluster = row mod 40, missing where
# (7 row + 3 column) mod 11 = 0 (rows and columns of the model's items counted from 1).
suppressMessages(library(lavaan))
args <- commandArgs(TRUE)
democracy <- "
ind60 =~ x1 + x2 + x3
dem60 =~ y1 + y2 + y3 + y4
dem65 =~ y5 + y6 + y7 + y8
dem60 ~ ind60
dem65 ~ ind60 + dem60
y1 ~~ y5
y2 ~~ y4 + y6
y3 ~~ y7
y4 ~~ y8
y6 ~~ y8
"
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
number <- function(x) if (is.na(x)) "null" else sprintf("%.12g", x)
object <- function(x) paste0("{", paste0("\"", names(x), "\": ", vapply(x, number, ""), collapse = ", "), "}")
rows <- function(t, columns) paste0("[\n  ", paste(vapply(seq_len(nrow(t)), function(i) paste0("[\"", t$lhs[i], "\", \"",
  t$op[i], "\", \"", t$rhs[i], "\", ", paste(vapply(columns, function(k) number(t[[k]][i]), ""), collapse = ", "), "]"), ""),
  collapse = ",\n  "), "]")
described <- function(fit) {
  f <- fitMeasures(fit)
  wanted <- c("chisq", "df", "chisq.scaled", "pvalue.scaled", "chisq.scaling.factor", "baseline.chisq", "baseline.chisq.scaled",
              "baseline.chisq.scaling.factor", "cfi", "tli", "rmsea", "srmr", "cfi.scaled", "tli.scaled", "rmsea.scaled",
              "cfi.robust", "tli.robust", "rmsea.robust", "rmsea.ci.lower.robust", "rmsea.ci.upper.robust",
              "logl", "unrestricted.logl", "aic", "bic", "npar", "ntotal")
  paste0("{\"fit\": ", object(as.list(f[intersect(wanted, names(f))])),
         ",\n \"estimates\": ", rows(parameterEstimates(fit), c("est", "se")),
         ",\n \"standardized\": ", rows(standardizedSolution(fit), c("est.std", "se")), "}")
}
d <- read.csv(args[1])
b <- read.csv(args[2])
b$w <- 1 + (seq_len(nrow(b)) %% 5) / 2
b$g <- seq_len(nrow(b)) %% 40
holes <- function(d, items) {
  for (j in seq_along(items)) d[[items[j]]][(7 * seq_len(nrow(d)) + 3 * j) %% 11 == 0] <- NA
  d
}
items <- c(paste0("x", 1:3), paste0("y", 1:8))
ecsi_items <- unlist(lapply(list(c("imag", 6), c("expe", 4), c("qual", 7), c("val", 4), c("sat", 3), c("loy", 3)),
                            function(x) paste0(x[1], seq_len(as.integer(x[2])))))
fits <- list(
  democracy_mlr = sem(democracy, data = d, estimator = "MLR"),
  ecsi_mlr = sem(ecsi, data = b, estimator = "MLR"),
  ecsi_weighted = sem(ecsi, data = b, estimator = "MLR", sampling.weights = "w"),
  ecsi_clustered = sem(ecsi, data = b, estimator = "MLR", sampling.weights = "w", cluster = "g"),
  democracy_fiml = sem(democracy, data = holes(d, items), missing = "fiml"),
  democracy_fiml_mlr = sem(democracy, data = holes(d, items), missing = "fiml", estimator = "MLR"),
  ecsi_fiml_weighted = sem(ecsi, data = holes(b, ecsi_items), missing = "fiml", estimator = "MLR", sampling.weights = "w")
)
made <- paste0("{\"made_with\": {\"R\": \"", getRversion(), "\", \"lavaan\": \"", packageVersion("lavaan"), "\"},\n")
parts <- vapply(names(fits), function(n) paste0("\"", n, "\": ", described(fits[[n]])), "")
cat(paste0(made, paste(parts, collapse = ",\n"), "}\n"), file = args[3])
