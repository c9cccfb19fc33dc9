# Rscript service_cox.R service_cox.json
# R survival: Cox's model with Efron's ties of 60 made-up cases, as seen from the start, from a later age on, and with
# weights; concordance; baseline hazard at the mean of the covariates.
library(survival)
`%||%` <- function(a, b) if (is.null(a)) b else a
set.seed(11)
n <- 60
group <- rep(0:1, n / 2); x <- round(rnorm(n), 2)
life <- rexp(n, 0.12 * exp(0.7 * group - 0.4 * x)); open <- runif(n, 4, 20)
duration <- ceiling(pmin(life, open)); ended <- as.integer(life <= open)
entry <- ifelse(runif(n) < 0.4, pmax(0, duration - sample(1:9, n, TRUE)), 0)
weight <- sample(1:3, n, TRUE)
plain <- coxph(Surv(duration, ended) ~ group + x)
late <- coxph(Surv(entry, duration, ended) ~ group + x)
weighted <- coxph(Surv(duration, ended) ~ group + x, weights = weight)
base <- basehaz(plain, centered = FALSE)
number <- function(x) sprintf("%.12g", x)
array <- function(x) paste0("[", paste(vapply(x, number, ""), collapse = ", "), "]")
lines <- c(
  paste0(" \"duration\": ", array(duration)), paste0(" \"ended\": ", array(ended)), paste0(" \"entry\": ", array(entry)),
  paste0(" \"group\": ", array(group)), paste0(" \"x\": ", array(x)), paste0(" \"weight\": ", array(weight)),
  paste0(" \"plain\": ", array(coef(plain))), paste0(" \"plain_se\": ", array(sqrt(diag(vcov(plain))))),
  paste0(" \"loglik\": ", array(plain$loglik)), paste0(" \"concordance\": ", number(concordance(plain)$concordance)),
  paste0(" \"late\": ", array(coef(late))), paste0(" \"late_se\": ", array(sqrt(diag(vcov(late))))),
  paste0(" \"late_concordance\": ", number(concordance(late)$concordance)),
  paste0(" \"weighted\": ", array(coef(weighted))), paste0(" \"weighted_se\": ", array(sqrt(diag(weighted$naive.var %||% vcov(weighted))))),
  paste0(" \"times\": ", array(base$time)), paste0(" \"hazard\": ", array(base$hazard))
)
made <- paste0(" \"made_with\": {\"R\": \"", getRversion(), "\", \"survival\": \"", packageVersion("survival"), "\"}")
cat(paste0("{\n", paste(c(made, lines), collapse = ",\n"), "\n}\n"), file = commandArgs(TRUE)[1])
