# Rscript sem_ordinal.R HolzingerSwineford1939.csv csibank.csv complete.csv model.txt sem_ordinal.json
# lavaan's WLSMV for ordered answers. The categories follow from the items, so that the tests make the same:
#   1 + how many of the cuts m + k s lie below the value (m mean, s standard deviation with denominator n - 1);
#   four: k = -1, 0, 1 for all items; mixed: x1 only k = 0, x2 only k = -0.5, 0.5;
#   binary: one cut, k = 1, -1.2, 0.3, 1, -1.2, 0, 0.8, -0.8, 0.2 for x1 ... x9 (empty cells in some 2 x 2 tables).
# Weighted: w = 1 + (row mod 5)/2. Bank: eleven categories as they are, cells of almost no probability. Benchmark: complete.csv and model.txt of
# sem_benchmark.py.
suppressMessages(library(lavaan))
args <- commandArgs(TRUE)
factors <- "
visual =~ x1 + x2 + x3
textual =~ x4 + x5 + x6
speed =~ x7 + x8 + x9
"
restricted <- "
visual =~ x1 + a*x2 + a*x3
textual =~ x4 + x5 + x6
speed =~ x7 + x8 + x9
textual ~ visual
speed ~ visual + textual
x7 ~~ x8
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
number <- function(x) if (is.na(x)) "null" else sprintf("%.10g", x)
array <- function(x) paste0("[", paste(vapply(x, number, ""), collapse = ", "), "]")
object <- function(x) paste0("{", paste0("\"", names(x), "\": ", vapply(x, number, ""), collapse = ", "), "}")
rows <- function(t, columns) paste0("[\n  ", paste(vapply(seq_len(nrow(t)), function(i) paste0("[\"", t$lhs[i], "\", \"",
  t$op[i], "\", \"", t$rhs[i], "\", ", paste(vapply(columns, function(k) number(t[[k]][i]), ""), collapse = ", "), "]"), ""),
  collapse = ",\n  "), "]")
wanted <- c("chisq", "df", "chisq.scaled", "pvalue.scaled", "chisq.scaling.factor", "baseline.chisq", "baseline.df",
            "baseline.chisq.scaled", "baseline.chisq.scaling.factor", "cfi", "tli", "rmsea", "rmsea.ci.lower", "rmsea.ci.upper",
            "srmr", "cfi.robust", "tli.robust", "rmsea.robust", "rmsea.ci.lower.robust", "rmsea.ci.upper.robust", "rmsea.pvalue.robust",
            "ntotal")
described <- function(fit) {
  latent <- function(t) subset(t, op %in% c("=~", "~", "~~") & !(op == "~~" & lhs == rhs & lhs %in% lavNames(fit, "ov")))
  gamma <- diag(lavInspect(fit, "gamma"))
  sample <- lavInspect(fit, "sampstat")
  paste0("{\"fit\": ", object(as.list(fitMeasures(fit, wanted))),
         ",\n \"shift\": ", number(fit@test$scaled.shifted$shift.parameter),
         ",\n \"thresholds\": ", array(sample$th), ",\n \"correlations\": ", array(sample$cov[lower.tri(sample$cov)]),
         ",\n \"threshold_rows\": ", rows(subset(parameterEstimates(fit), op == "|"), c("est", "se")),
         ",\n \"variances\": ", array(gamma[-seq_along(sample$th)]),
         ",\n \"estimates\": ", rows(latent(parameterEstimates(fit)), c("est", "se")),
         ",\n \"standardized\": ", rows(latent(standardizedSolution(fit)), c("est.std", "se")),
         ",\n \"modification\": ", rows(latent(modindices(fit, sort. = TRUE, maximum.number = 10)), c("mi", "epc")),
         ",\n \"residuals\": ", array(diag(lavInspect(fit, "est")$theta)), "}")
}
d <- read.csv(args[1])
items <- paste0("x", 1:9)
cuts <- function(d, at) {
  for (j in seq_along(items)) {
    x <- d[[items[j]]]
    d[[items[j]]] <- 1 + rowSums(outer(x, mean(x) + at[[j]] * sd(x), ">"))
  }
  d$w <- 1 + (seq_len(nrow(d)) %% 5) / 2
  d
}
four <- cuts(d, rep(list(c(-1, 0, 1)), 9))
mixed <- cuts(d, c(list(0, c(-0.5, 0.5)), rep(list(c(-1, 0, 1)), 7)))
binary <- cuts(d, as.list(c(1, -1.2, 0.3, 1, -1.2, 0, 0.8, -0.8, 0.2)))
benchmark <- read.csv(args[3])
fits <- list(
  four = sem(factors, data = four, ordered = TRUE),
  mixed = sem(restricted, data = mixed, ordered = TRUE),
  binary = sem(factors, data = binary, ordered = TRUE),
  weighted = sem(factors, data = four, ordered = TRUE, sampling.weights = "w"),
  bank = sem(ecsi, data = read.csv(args[2]), ordered = TRUE),
  benchmark = sem(paste(readLines(args[4]), collapse = "\n"), data = benchmark, ordered = TRUE)
)
made <- paste0("{\"made_with\": {\"R\": \"", getRversion(), "\", \"lavaan\": \"", packageVersion("lavaan"), "\"},\n")
parts <- vapply(names(fits), function(n) paste0("\"", n, "\": ", described(fits[[n]])), "")
cat(paste0(made, paste(parts, collapse = ",\n"), "}\n"), file = args[5])
