# Weighted results under mixed scales: Likert 1-5, sliders 0-100 and 1-10, in a stratified cluster sample (R survey).
# Rscript mixed_scales.R > mixed_scales.json
suppressPackageStartupMessages({library(survey); library(jsonlite)})
set.seed(20)
n <- 240
psu <- rep(1:24, each = 10)
stratum <- (psu - 1) %/% 8 + 1
latent <- rnorm(n) + rep(rnorm(24, sd = 0.5), each = 10)
likert <- function(x) pmin(pmax(round(3.4 + 0.9 * x), 1), 5)
slider <- function(x) pmin(pmax(round(60 + 18 * x, 1), 0), 100)
ten <- function(x) pmin(pmax(round(6.5 + 2 * x), 1), 10)
noise <- function() rnorm(n, sd = 0.8)
d <- data.frame(stratum, psu, weight = round(runif(n, 0.5, 2), 3),
  a1 = likert(latent + noise()), a2 = likert(latent + noise()), a3 = slider(latent + noise()),
  sat1 = ten(latent + noise()), sat2 = ten(latent + noise()))
d$a2[c(3, 40, 77)] <- NA
d$a3[c(5, 99)] <- NA
d$sat1[c(8, 120)] <- NA
points <- function(x, low, high) (x - low) / (high - low) * 100
a <- cbind(points(d$a1, 1, 5), points(d$a2, 1, 5), points(d$a3, 0, 100))
d$a <- ifelse(rowMeans(!is.na(a)) >= 0.5, rowMeans(a, na.rm = TRUE), NA)
sat <- cbind(d$sat1, d$sat2)
d$sat <- ifelse(rowMeans(!is.na(sat)) >= 0.5, points(rowMeans(sat, na.rm = TRUE), 1, 10), NA)
limit <- points(7.5, 1, 10)
d$satisfied <- as.numeric(d$sat >= limit - 1e-9)
d$high_a <- as.numeric(d$a >= limit - 1e-9)
d$high_a3 <- as.numeric(d$a3 >= limit - 1e-9)
design <- svydesign(ids = ~psu, strata = ~stratum, weights = ~weight, data = d)
found <- lapply(c("a", "sat", "satisfied", "high_a", "a3", "high_a3"), function(name) {
  m <- svymean(as.formula(paste0("~", name)), design, na.rm = TRUE)
  c(as.numeric(coef(m)), as.numeric(SE(m)))
})
names(found) <- c("a", "sat", "satisfied", "high_a", "a3", "high_a3")
complete <- na.omit(a)
v <- cov(complete)
found$alpha_a <- 3 / 2 * (1 - sum(diag(v)) / sum(v))
columns <- c("stratum", "psu", "weight", "a1", "a2", "a3", "sat1", "sat2")
cat(toJSON(list(versions = list(R = R.version.string, survey = as.character(packageVersion("survey"))),
  data = as.list(d[columns]), found = found), digits = 12, na = "null", auto_unbox = TRUE), "\n")
