# Rscript drivers.R drivers.json
# Relative importance on R's swiss (Fertility on five predictors): LMG over all subsets as sums of R² of regressions by
# lm() (its values equal those published for relaimpo), Johnson's relative weights, Pratt's measure, and the mean
# contribution by size of the subset (conditional dominance); weighted by a column made without random numbers.
# Regressions by svyglm and svyolr on 600 rows in 40 units and 4 strata, with predictive margins (svypredmeans).
suppressMessages(library(survey))
args <- commandArgs(TRUE)
number <- function(x) if (is.na(x)) "null" else sprintf("%.15g", x)
json <- function(v) if (is.list(v)) paste0("{", paste0("\"", names(v), "\": ", vapply(v, json, ""), collapse = ", "), "}") else
  if (is.matrix(v)) paste0("[", paste(apply(v, 1, function(r) json(unname(r))), collapse = ", "), "]") else
  if (length(v) == 1) number(v) else paste0("[", paste(vapply(v, number, ""), collapse = ", "), "]")

explained <- function(data, y, set, w) {
  if (!length(set)) return(0)
  summary(lm(reformulate(set, y), data, weights = w))$r.squared
}
dominance <- function(data, y, names, w) {
  p <- length(names)
  t(vapply(names, function(k) vapply(0:(p - 1), function(m) {
    others <- setdiff(names, k)
    sets <- if (m == 0) list(character(0)) else combn(others, m, simplify = FALSE)
    mean(vapply(sets, function(s) explained(data, y, c(s, k), w) - explained(data, y, s, w), 0))
  }, 0), numeric(p)))
}
johnson <- function(R, p) {
  e <- eigen(R[1:p, 1:p])
  L <- e$vectors %*% diag(sqrt(e$values)) %*% t(e$vectors)
  drop((L^2) %*% (solve(L, R[1:p, p + 1])^2))
}
names <- c("Agriculture", "Examination", "Education", "Catholic", "Infant.Mortality")
importance <- lapply(list(plain = rep(1, nrow(swiss)), weighted = 1 + (0:(nrow(swiss) - 1)) %% 3), function(w) {
  S <- cov.wt(swiss[, c(names, "Fertility")], wt = w / sum(w), method = "ML")$cov
  R <- cov2cor(S)
  d <- dominance(swiss, "Fertility", names, w)
  list(covariance = S, lmg = unname(rowMeans(d)), dominance = unname(d), johnson = unname(johnson(R, 5)),
       pratt = unname(solve(R[1:5, 1:5], R[1:5, 6]) * R[1:5, 6]), r_squared = explained(swiss, "Fertility", names, w))
})
rows <- as.matrix(swiss[, c(names, "Fertility")])
rownames(rows) <- NULL

i <- 0:599
data <- data.frame(unit = i %% 40, stratum = i %% 4, w = 1 + (i %% 4) / 2,
                   group = factor(c("a", "b", "c")[(i %/% 5) %% 3 + 1]), kind = factor(c("p", "r")[(i %/% 11) %% 2 + 1]))
data$q <- 50 + 18 * sin(i * 1.1) + 6 * cos(data$unit)
data$s <- 20 + 0.6 * data$q + 14 * sin(i * 0.7) + 3 * (data$group == "c")
data$y <- 20 + 0.5 * data$q + 0.2 * data$s + 4 * (data$group == "b") - 3 * (data$kind == "r") +
  12 * sin(i * 1.7) + 4 * sin(data$unit * 2.3)
data$y[i %% 60 == 7] <- NA
data$high <- as.numeric(data$y > 56)
data$answer <- cut(data$y, c(-Inf, 42, 52, 60, 70, Inf), labels = 1:5, ordered_result = TRUE)
design <- svydesign(~unit, strata = ~stratum, weights = ~w, data = data)
fitted <- function(fit) {
  list(estimate = unname(coef(fit)), covariance = unname(as.matrix(vcov(fit))), df = fit$df.residual)
}
# Predictive margins of `group`: the mean prediction with everybody in one category; its linearised scores are those of
# the mean of the predictions and those of the coefficients together.
margins <- function(fit, formula) {
  used <- data[!is.na(data$y), ]
  drawn <- subset(design, !is.na(y))
  x <- model.matrix(delete.response(terms(formula)), used)
  mu <- fit$family$linkinv(drop(x %*% coef(fit)))
  bread <- solve(crossprod(x, x * used$w * fit$family$mu.eta(drop(x %*% coef(fit)))))
  influence <- (x * used$w * (fit$y - mu)) %*% bread
  do.call(rbind, lapply(levels(used$group), function(level) {
    changed <- used
    changed$group <- factor(level, levels = levels(used$group))
    at <- model.matrix(delete.response(terms(formula)), changed)
    eta <- drop(at %*% coef(fit))
    value <- fit$family$linkinv(eta)
    mean <- sum(used$w * value) / sum(used$w)
    gradient <- colSums(used$w * fit$family$mu.eta(eta) * at) / sum(used$w)
    score <- used$w * (value - mean) / sum(used$w) + drop(influence %*% gradient)
    variance <- svyrecvar(as.matrix(score), drawn$cluster, drawn$strata, drawn$fpc)
    c(mean, sqrt(drop(variance)))
  }))
}
linear <- y ~ q + s + group + kind + q:kind
high <- high ~ q + s + group + kind
answer <- answer ~ q + s + group + kind
fits <- list(linear = svyglm(linear, design), logistic = svyglm(high, design, family = quasibinomial(),
             control = glm.control(epsilon = 1e-14, maxit = 100)))
ordered <- svyolr(answer, design, control = list(reltol = 1e-15, maxit = 2000, ndeps = rep(1e-5, 9)))
ordered <- svyolr(answer, design, start = c(ordered$coefficients, ordered$zeta[1], log(diff(ordered$zeta))),
                  control = list(reltol = 1e-16, maxit = 2000, ndeps = rep(1e-5, 9)))
used <- data[!is.na(data$y), ]
inflation <- car::vif(lm(y ~ q + s + group + kind, used, weights = w))
predicted <- svypredmeans(svyglm(y ~ q + s + kind, subset(design, !is.na(y))), ~group)
regressions <- list(linear = fitted(fits$linear), logistic = fitted(fits$logistic),
                    ordered = list(estimate = unname(c(ordered$coefficients, ordered$zeta)),
                                   covariance = unname(ordered$var), df = ordered$df.residual),
                    linear_margins = margins(fits$linear, linear), logistic_margins = margins(fits$logistic, high),
                    svypredmeans = unname(c(coef(predicted))[levels(data$group)]),
                    inflation = unname(inflation[, "GVIF"]))
made <- paste0("{\"R\": \"", getRversion(), "\", \"survey\": \"", packageVersion("survey"), "\", \"car\": \"",
               packageVersion("car"), "\"}")
cat(paste0("{\n\"made_with\": ", made, ",\n\"swiss\": ", json(rows), ",\n\"importance\": ", json(importance),
           ",\n\"regressions\": ", json(regressions), "\n}\n"), file = args[1])
