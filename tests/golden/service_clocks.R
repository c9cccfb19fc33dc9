# Rscript service_clocks.R service_clocks.json
# R survival: product limit of made-up times with ties and open cases, its log-log interval and quantiles; stats: score
# test and Wilson's interval of two shares.
library(survival)
duration <- c(1, 2, 2, 2, 3, 4, 4, 5, 6, 6, 7, 9, 9, 10, 12, 12, 15, 18, 20, 20)
ended <- c(1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 0)
fit <- survfit(Surv(duration, ended) ~ 1, conf.type = "log-log")
drop <- fit$n.event > 0
found <- quantile(fit, c(0.5, 0.75, 0.9))
number <- function(x) ifelse(is.na(x), "null", sprintf("%.12g", x))
array <- function(x) paste0("[", paste(vapply(x, number, ""), collapse = ", "), "]")
apart <- prop.test(c(41, 160), c(60, 190), correct = FALSE)
one <- prop.test(41, 60, correct = FALSE)
entry <- c(0, 0, 1, 0, 2, 0, 3, 1, 0, 5, 2, 0, 4, 6, 0, 8, 10, 2, 0, 12)
late <- survfit(Surv(entry, duration, ended) ~ 1)
dropped <- late$n.event > 0
weibull <- survreg(Surv(duration, ended) ~ 1, dist = "weibull")
shape <- 1 / weibull$scale
lines <- c(
  paste0(" \"duration\": ", array(duration)), paste0(" \"ended\": ", array(ended)),
  paste0(" \"times\": ", array(fit$time[drop])), paste0(" \"survival\": ", array(fit$surv[drop])),
  paste0(" \"low\": ", array(fit$lower[drop])), paste0(" \"high\": ", array(fit$upper[drop])),
  paste0(" \"quantiles\": ", array(found$quantile)), paste0(" \"quantiles_low\": ", array(found$lower)),
  paste0(" \"quantiles_high\": ", array(found$upper)),
  paste0(" \"restricted_mean\": ", array(summary(fit, rmean = 16)$table[c("rmean", "se(rmean)")])),
  paste0(" \"entry\": ", array(entry)), paste0(" \"late_times\": ", array(late$time[dropped])),
  paste0(" \"late_survival\": ", array(late$surv[dropped])),
  paste0(" \"weibull\": ", array(c(exp(coef(weibull)), shape, exp(coef(weibull)) * gamma(1 + 1 / shape)))),
  paste0(" \"weibull_se\": ", array(sqrt(diag(vcov(weibull))))),
  paste0(" \"score_p\": ", number(apart$p.value)), paste0(" \"wilson\": ", array(one$conf.int))
)
made <- paste0(" \"made_with\": {\"R\": \"", getRversion(), "\", \"survival\": \"", packageVersion("survival"), "\"}")
cat(paste0("{\n", paste(c(made, lines), collapse = ",\n"), "\n}\n"), file = commandArgs(TRUE)[1])
