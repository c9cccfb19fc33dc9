# Limits of control charts in base R: XmR by moving ranges of two, p and u by their binomial and Poisson deviations.
# Rscript tests/golden/control_charts.R > tests/golden/control_charts.json
x <- c(12.1, 11.4, 12.8, 12.0, 11.1, 12.5, 13.0, 11.9, 12.2, 18.5, 12.3, 11.7, 12.6, 12.4)
mr <- abs(diff(x))
mr <- mr[mr < 3.267 * mean(mr)]
half <- 2.66 * mean(mr)
hits <- c(45, 50, 41, 66, 58, 49, 52, 60, 47, 55, 39, 44)
n <- c(50, 58, 47, 70, 66, 52, 60, 65, 50, 64, 41, 50)
p <- sum(hits) / sum(n)
sp <- sqrt(p * (1 - p) / n)
events <- c(3, 5, 2, 8, 4, 6, 3, 5, 7, 2, 4, 6)
days <- c(10, 12, 9, 14, 11, 13, 10, 12, 15, 9, 11, 13)
u <- sum(events) / sum(days)
su <- sqrt(u / days)
json <- function(v) sprintf("[%s]", paste(formatC(v, digits = 15, format = "g"), collapse = ", "))
cat(sprintf('{"R": "%s",\n', getRversion()))
cat(sprintf('"xmr": {"chart": "xmr", "unit": 1.0, "value": %s, "centre": %s, "low": %s, "high": %s},\n',
            json(x), json(mean(x)), json(mean(x) - half), json(mean(x) + half)))
cat(sprintf('"p": {"chart": "p", "unit": 100.0, "value": %s, "numerator": %s, "denominator": %s, "centre": %s, "low": %s, "high": %s},\n',
            json(100 * hits / n), json(hits), json(n), json(100 * p), json(100 * pmax(p - 3 * sp, 0)), json(100 * pmin(p + 3 * sp, 1))))
cat(sprintf('"u": {"chart": "u", "unit": 1.0, "value": %s, "numerator": %s, "denominator": %s, "centre": %s, "low": %s, "high": %s}}\n',
            json(events / days), json(events), json(days), json(u), json(pmax(u - 3 * su, 0)), json(u + 3 * su)))
