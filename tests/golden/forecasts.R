# Rscript forecasts.R forecasts.json
# Four made-up series: every ARIMA order up to (2, d, 2) by Arima() with its AICc, auto.arima()'s own choice, ets() (additive,
# chosen by AICc), StructTS("level") and StructTS("trend") with their variances, rwf() without and with drift; four waves ahead.
suppressMessages(library(forecast))
out <- commandArgs(TRUE)[1]
number <- function(x) ifelse(is.finite(x), sprintf("%.10g", x), "null")
array <- function(x) paste0("[", paste(vapply(as.numeric(x), number, ""), collapse = ", "), "]")
object <- function(...) { x <- list(...); paste0("{", paste0("\"", names(x), "\": ", x, collapse = ", "), "}") }
set.seed(20250)
n <- 28
series <- list(
  walk = 80 + cumsum(rnorm(n, 0, .6)),
  drifting = 75 + cumsum(rnorm(n, .3, .3)),
  returning = as.numeric(80 + arima.sim(list(ar = .6), n, sd = .7)),
  line = 76 + .2 * seq_len(n) + rnorm(n, 0, .5)
)
series <- lapply(series, round, 2)
ahead <- function(f) c(mean = array(f$mean), se = array((f$upper[, 1] - f$mean) / qnorm(.975)))
described <- function(y) {
  chosen <- auto.arima(y, max.p = 2, max.q = 2, max.d = 1, seasonal = FALSE, stepwise = FALSE, approximation = FALSE, ic = "aicc")
  d <- ndiffs(y, test = "kpss", max.d = 1)
  grid <- expand.grid(p = 0:2, q = 0:2, drift = if (d == 1) c(FALSE, TRUE) else FALSE)
  fits <- vapply(seq_len(nrow(grid)), function(i) {
    g <- grid[i, ]
    fit <- tryCatch(Arima(y, c(g$p, d, g$q), include.mean = d == 0, include.drift = g$drift, method = "ML",
                          optim.control = list(reltol = 1e-14, maxit = 5000)), error = function(e) NULL)
    object(order = array(c(g$p, d, g$q, as.integer(g$drift))), loglik = if (is.null(fit)) "null" else number(fit$loglik),
           aicc = if (is.null(fit)) "null" else number(fit$aicc))
  }, "")
  # the choice among additive models; opt.crit lik; bounds usual as by default
  smooth <- ets(y, model = "ZZN", additive.only = TRUE, ic = "aicc")
  every <- vapply(list(ANN = list("ANN", FALSE), AAN = list("AAN", FALSE), AAdN = list("AAN", TRUE)), function(m) {
    fit <- ets(y, model = m[[1]], damped = m[[2]], ic = "aicc", bounds = "usual", nmse = 1, maxit = 20000)
    f <- forecast(fit, h = 4, level = 95)
    do.call(object, c(list(loglik = number(fit$loglik), aicc = number(fit$aicc), parameters = array(fit$par[c("alpha", "beta", "phi")])), ahead(f)))
  }, "")
  level <- StructTS(y, "level", optim.control = list(factr = 10))
  trend <- StructTS(y, "trend", optim.control = list(factr = 10))
  structural <- function(fit) { p <- predict(fit, 4); object(variances = array(fit$coef), mean = array(p$pred), se = array(sqrt(p$se^2))) }
  naive <- rwf(y, h = 4, level = 95); drift <- rwf(y, h = 4, drift = TRUE, level = 95)
  a <- arimaorder(chosen)
  object(values = array(y), kpss = number(as.numeric(urca::ur.kpss(y, type = "mu", use.lag = trunc(3 * sqrt(n) / 13))@teststat)),
    auto_arima = array(c(a, as.integer("drift" %in% names(coef(chosen))))), arima = paste0("[\n   ", paste(fits, collapse = ",\n   "), "]"),
    ets_chosen = paste0("\"", smooth$components[1], smooth$components[2], if (smooth$components[4] == "TRUE") "d", "N\""),
    ets = paste0("{\n   ", paste0("\"", names(every), "\": ", every, collapse = ",\n   "), "}"),
    level = structural(level), trend = structural(trend),
    naive = do.call(object, as.list(ahead(naive))), drift = do.call(object, as.list(ahead(drift))))
}
lines <- paste0(" \"", names(series), "\": ", vapply(series, described, ""), collapse = ",\n")
cat(paste0("{\n \"made_with\": {\"R\": \"", getRversion(), "\", \"forecast\": \"", packageVersion("forecast"), "\"},\n", lines, "\n}\n"), file = out)
