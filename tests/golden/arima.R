# Rscript arima.R R_presidents_approval_quarterly.csv arima.json
# R's arima() (maximum likelihood, gaps in the series) for fixed orders, with four forecasts of each.
args <- commandArgs(TRUE)
y <- read.csv(args[1])$value
number <- function(x) sprintf("%.12g", x)
array <- function(x) paste0("[", paste(vapply(x, number, ""), collapse = ", "), "]")
described <- function(order, optimiser = list(reltol = 1e-14, maxit = 5000)) {
  fit <- arima(y, order, method = "ML", optim.control = optimiser)
  ahead <- predict(fit, n.ahead = 4)
  paste0("{\"order\": ", array(order), ", \"coefficients\": ", array(coef(fit)), ", \"sigma2\": ", number(fit$sigma2),
         ", \"loglik\": ", number(fit$loglik), ", \"forecast\": ", array(ahead$pred), ", \"se\": ", array(ahead$se), "}")
}
orders <- list(ar3 = c(3, 0, 0), arma11 = c(1, 0, 1), ima11 = c(0, 1, 1))
lines <- paste0(" \"", names(orders), "\": ", vapply(orders, described, ""), collapse = ",\n")
cat(paste0("{\n \"made_with\": {\"R\": \"", getRversion(), "\", \"stats\": \"", packageVersion("stats"), "\"},\n", lines, "\n}\n"),
    file = args[2])
