# Rscript sem_paths_by_group.R HolzingerSwineford1939.csv sem_paths_by_group.json
# Paths by school with equal loadings, all and but for x3's, against equal paths, robust ML; each path's Wald test from vcov().
suppressMessages(library(lavaan))
args <- commandArgs(TRUE)
model <- "
visual =~ x1 + x2 + x3
textual =~ x4 + x5 + x6
speed =~ x7 + x8 + x9
textual ~ visual
speed ~ visual + textual
"
d <- read.csv(args[1])
d$w <- 1 + (seq_len(nrow(d)) %% 4) / 2
number <- function(x) if (is.na(x)) "null" else sprintf("%.12g", x)
list_of <- function(x) paste0("[", paste(vapply(x, number, ""), collapse = ", "), "]")
fitted <- function(equal, partial, ...) sem(model, d, group = "school", group.equal = equal, group.partial = partial,
                                            meanstructure = TRUE, estimator = "MLR", ...)
described <- function(partial = NULL, ...) {
  own <- fitted("loadings", partial, ...); equal <- fitted(c("loadings", "regressions"), partial, ...)
  t <- lavTestLRT(own, equal)
  p <- subset(parameterEstimates(own), op == "~"); s <- subset(standardizedSolution(own), op == "~")
  rows <- vapply(seq_len(nrow(p)), function(i) paste0("[\"", p$lhs[i], "\", \"", p$rhs[i], "\", \"", lavInspect(own, "group.label")[p$group[i]],
    "\", ", paste(vapply(c(p$est[i], p$se[i], s$est.std[i], s$ci.lower[i], s$ci.upper[i]), number, ""), collapse = ", "), "]"), "")
  v <- vcov(own); b <- coef(own)
  wald <- vapply(c("textual~visual", "speed~visual", "speed~textual"), function(n) {
    k <- c(which(names(b) == n), which(names(b) == paste0(n, ".g2")))
    (b[k[1]] - b[k[2]])^2 / (v[k[1], k[1]] + v[k[2], k[2]] - 2 * v[k[1], k[2]])
  }, 0)
  paste0("{\"paths\": [\n  ", paste(rows, collapse = ",\n  "), "],\n \"wald\": ", list_of(wald), ",\n \"difference\": ",
         list_of(c(t[2, "Chisq diff"], t[2, "Df diff"], t[2, "Pr(>Chisq)"])), "}")
}
cat(paste0("{\"made_with\": {\"R\": \"", getRversion(), "\", \"lavaan\": \"", packageVersion("lavaan"), "\"},\n\"plain\": ", described(),
  ",\n\"partial\": ", described("visual=~x3"), ",\n\"weighted\": ", described(sampling.weights = "w"), "}\n"), file = args[2])
