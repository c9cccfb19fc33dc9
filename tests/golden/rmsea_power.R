# Rscript rmsea_power.R rmsea_power.json
# Power and minimum sample size of tests of fit by the RMSEA, from R's noncentral chi-square.
# Method: MacCallum, Browne & Sugawara 1996, whose table 4 gives n for close (.05 against .08) and not-close fit (.05 against .01).
args <- commandArgs(TRUE)
power <- function(n, df, e0, ea, alpha = 0.05) {
  l0 <- (n - 1) * df * e0^2
  la <- (n - 1) * df * ea^2
  if (ea > e0) pchisq(qchisq(1 - alpha, df, l0), df, la, lower.tail = FALSE) else pchisq(qchisq(alpha, df, l0), df, la)
}
smallest <- function(df, e0, ea, target = 0.8) {
  n <- 2
  while (power(n, df, e0, ea) < target) n <- n + 1
  n
}
rows <- c()
for (df in c(10, 20, 40, 60, 100)) for (case in list(c(.05, .08), c(.05, .01), c(0, .05))) {
  rows <- c(rows, sprintf(' {"df": %d, "null": %g, "alternative": %g, "n_80": %d, "power_200": %.12g, "power_500": %.12g}', df,
                          case[1], case[2], smallest(df, case[1], case[2]), power(200, df, case[1], case[2]),
                          power(500, df, case[1], case[2])))
}
cat(paste0("{\n\"made_with\": {\"R\": \"", getRversion(), "\"},\n\"cases\": [\n", paste(rows, collapse = ",\n"), "\n]}\n"), file = args[1])
