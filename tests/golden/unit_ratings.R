# Slope of customers' ratings on the knowledge of their unit, within units and tests, clustered by unit.
# Rscript tests/golden/unit_ratings.R > tests/golden/unit_ratings.json      (R 4, base packages alone)
means <- data.frame(
  unit = rep(c("a", "b", "c", "d", "e"), each = 3), period = rep(c("2024Q4", "2025Q2", "2025Q3"), 5),
  n = c(2, 2, 1, 3, 3, 3, 1, 1, 1, 2, 2, 2, 4, 3, 4),
  x = c(60, 66, 71, 58, 59, 60, 63, 70, 69, 61, 62, 64, 55, 63, 70),
  y = c(80, 82, 85, 79, 80, 79, 83, 84, 86, 81, 80, 82, 77, 81, 83)
)
fit <- lm(y ~ x + factor(unit) + factor(period), data = means, weights = n)
partial <- residuals(lm(x ~ factor(unit) + factor(period), data = means, weights = n))
scores <- tapply(means$n * partial * residuals(fit), means$unit, sum)
units <- length(scores)
se <- sqrt(units / (units - 1) * sum(scores^2)) / sum(means$n * partial^2)
slope <- coef(fit)[["x"]]
cat(sprintf('{"slope": %.15g, "se": %.15g, "p": %.15g}\n', slope, se, 2 * pt(-abs(slope / se), units - 1)))
