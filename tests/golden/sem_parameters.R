# Rscript sem_parameters.R PoliticalDemocracy.csv sem_parameters.json
# lavaan's whole parameter table: intercepts, latent means, equal and labelled loadings, quantities that are defined,
# their standardised values, and the same with gaps where (7 row + 3 column) mod 11 = 0, as in sem_robust.R.
suppressMessages(library(lavaan))
args <- commandArgs(TRUE)
model <- "
ind60 =~ x1 + x2 + x3
dem60 =~ y1 + a*y2 + b*y3 + c*y4
dem65 =~ y5 + a*y6 + b*y7 + c*y8
dem60 ~ p*ind60
dem65 ~ q*ind60 + r*dem60
y1 ~~ y5
y4 ~~ y8
y2 ~~ k*y4
x1 ~ 0*1
ind60 ~ m*1
y1 + y5 ~ 0*1
dem60 ~ 1
dem65 ~ d*1
route := p*r
total := q + route
growth := (d - m/2)^2 / exp(a) - sqrt(b)
"
d <- read.csv(args[1])
items <- c(paste0("x", 1:3), paste0("y", 1:8))
gaps <- d
for (j in seq_along(items)) gaps[[items[j]]][(7 * seq_len(nrow(d)) + 3 * j) %% 11 == 0] <- NA
number <- function(x) if (is.na(x)) "null" else sprintf("%.12g", x)
described <- function(fit) {
  t <- parameterEstimates(fit); s <- standardizedSolution(fit)
  rows <- vapply(seq_len(nrow(t)), function(i) paste0("[\"", t$lhs[i], "\", \"", t$op[i], "\", \"", t$rhs[i], "\", \"", t$label[i],
    "\", ", paste(vapply(c(t$est[i], t$se[i], t$z[i], t$pvalue[i], t$ci.lower[i], t$ci.upper[i], s$est.std[i], s$se[i]),
    number, ""), collapse = ", "), "]"), "")
  f <- fitMeasures(fit, c("chisq", "df", "srmr", "npar", "aic", "logl"))
  paste0("{\"fit\": {", paste0("\"", names(f), "\": ", vapply(f, number, ""), collapse = ", "), "},\n \"table\": [\n  ",
         paste(rows, collapse = ",\n  "), "]}")
}
cat(paste0("{\"made_with\": {\"R\": \"", getRversion(), "\", \"lavaan\": \"", packageVersion("lavaan"), "\"},\n\"model\": ",
  encodeString(model, quote = '"'), ",\n\"complete\": ", described(sem(model, d)), ",\n\"fiml\": ",
  described(sem(model, gaps, missing = "fiml")), ",\n\"mlr\": ", described(sem(model, d, estimator = "MLR")), "}\n"), file = args[2])
