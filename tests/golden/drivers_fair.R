# Rscript drivers_fair.R drivers_fair.json
# Fair comparison, effect of a treatment, penalty and reward, and necessity on made-up rows. The estimates are refitted
# with lm and glm; their errors come from the derivative of each by every row's weight, taken numerically, whose total
# R survey gives a variance under the design. Nothing here follows the formulas that are tested.
suppressMessages(library(survey))
options(warn = -1)
args <- commandArgs(TRUE)
number <- function(x) if (is.finite(x)) sprintf("%.15g", x) else "null"
object <- function(x) paste0("{", paste0("\"", names(x), "\": ", vapply(x, function(v)
  if (is.list(v)) object(v) else number(v), ""), collapse = ", "), "}")

i <- 0:239
data <- data.frame(unit = c("a", "b", "c", "d")[i %% 4 + 1], age = c("young", "middle", "old")[(i %/% 5) %% 3 + 1],
                   kind = c("p", "q")[(i %/% 11) %% 2 + 1], w = 1 + (i %% 7) / 3, psu = i %% 48, stratum = i %% 3)
data$t <- as.numeric(sin(i * 2.7) + 0.5 * (data$age == "young") - 0.4 * (data$kind == "q") > 0)
data$y <- 70 + 3 * (data$unit == "a") - 4 * (data$unit == "c") + 5 * (data$age == "old") - 3 * (data$kind == "q") +
  2.5 * data$t + 9 * sin(i * 1.7) + 3 * sin(data$psu * 2.3)
data$x1 <- 60 + 20 * cos(i * 1.1) + 5 * sin(i * 0.37)
data$x2 <- 75 + 10 * sin(i * 0.9) + 8 * cos(i * 2.9)
data$z <- 50 + 0.5 * pmin(data$x1 - 60, 0) + 0.1 * pmax(data$x1 - 60, 0) + 0.3 * (data$x2 - 75) + 6 * sin(i * 3.3)
design <- svydesign(~psu, strata = ~stratum, weights = ~w, data = data, nest = TRUE)

# Standard error of a function of the weights: central differences, then the total of w * derivative under the design.
with_error <- function(theta) {
  derivative <- vapply(seq_len(nrow(data)), function(row) {
    h <- 1e-4 * data$w[row]
    up <- down <- data$w
    up[row] <- up[row] + h
    down[row] <- down[row] - h
    (theta(up) - theta(down)) / (2 * h)
  }, theta(data$w))
  derivative <- matrix(derivative, ncol = nrow(data))
  se <- apply(derivative, 1, function(d) unname(SE(svytotal(~d, update(design, d = d)))))
  Map(function(estimate, se) list(estimate = estimate, se = se), theta(data$w), se)
}

fair <- function(w) {
  data$weight <- w
  fit <- lm(y ~ unit + age + kind, data, weights = weight)
  adjusted <- vapply(c("a", "b", "c", "d"), function(u) {
    sum(w * predict(fit, transform(data, unit = u))) / sum(w)
  }, 0)
  c(adjusted, setNames(adjusted - sum(w * data$y) / sum(w), paste0("against_", names(adjusted))))
}

arm_means <- function(w, predict_arms, p) {
  m <- predict_arms
  m1 <- sum(w * (m[[1]] + data$t * (data$y - m[[1]]) / p)) / sum(w)
  m0 <- sum(w * (m[[2]] + (1 - data$t) * (data$y - m[[2]]) / (1 - p))) / sum(w)
  m1 - m0
}
effects <- function(w) {
  data$weight <- w
  x <- y ~ age + kind
  arms <- lapply(1:0, function(arm) predict(lm(x, data[data$t == arm, ], weights = weight), data))
  control <- glm.control(epsilon = 1e-14, maxit = 100)
  p <- lapply(c("logit", "probit"), function(link) fitted(glm(t ~ age + kind, quasibinomial(link), data,
                                                              weights = weight, control = control)))
  ipw <- function(p) weighted.mean(data$y, w * data$t / p) - weighted.mean(data$y, w * (1 - data$t) / (1 - p))
  c(naive = weighted.mean(data$y, w * data$t) - weighted.mean(data$y, w * (1 - data$t)),
    ra = sum(w * (arms[[1]] - arms[[2]])) / sum(w), ipw_logit = ipw(p[[1]]), ipw_probit = ipw(p[[2]]),
    aipw_logit = arm_means(w, arms, p[[1]]), aipw_probit = arm_means(w, arms, p[[2]]))
}

# The middles are those of the sample and are taken as given: svyglm's own errors.
middle <- vapply(c("x1", "x2"), function(x) weighted.mean(data[[x]], data$w), 0)
for (x in names(middle)) {
  data[[paste0(x, "_low")]] <- pmin(data[[x]] - middle[x], 0) / 10
  data[[paste0(x, "_high")]] <- pmax(data[[x]] - middle[x], 0) / 10
}
sided <- svyglm(z ~ x1_low + x2_low + x1_high + x2_high,
                svydesign(~psu, strata = ~stratum, weights = ~w, data = data, nest = TRUE))
contrast <- function(x) svycontrast(sided, setNames(c(-1, 1), paste0(x, c("_low", "_high"))))
asymmetry <- lapply(c(x1 = "x1", x2 = "x2"), function(x) list(
  middle = unname(middle[x]), penalty = unname(coef(sided)[paste0(x, "_low")]),
  penalty_se = unname(SE(sided)[paste0(x, "_low")]), reward = unname(coef(sided)[paste0(x, "_high")]),
  reward_se = unname(SE(sided)[paste0(x, "_high")]), contrast = unname(coef(contrast(x))[1]),
  contrast_se = unname(SE(contrast(x)))[1]))

# Ceiling zone of the plot of z on x1, row by row as Dul 2016 draws it.
ceiling_effect <- function(x, y) {
  steps <- sort(unique(x))
  zone <- 0
  for (k in seq_len(length(steps) - 1)) zone <- zone + (max(y) - max(y[x <= steps[k]])) * (steps[k + 1] - steps[k])
  zone / (diff(range(x)) * diff(range(y)))
}
necessity <- list(x1 = ceiling_effect(data$x1, data$z), x2 = ceiling_effect(data$x2, data$z),
                  required_x1 = min(data$x1[data$z >= 55]), required_x2 = min(data$x2[data$z >= 55]))

# Overdispersion of twelve units (Spiegelhalter et al. 2012): z pulled in at 10 % on either side, tau by moments.
difference <- 3 * sin(1:12 * 1.9)
se <- 0.8 + 0.1 * (1:12 %% 5)
z <- sort(difference / se)
z[1] <- z[2]
z[12] <- z[11]
phi <- mean(z^2)
scale <- sum(1 / se^2) - sum(1 / se^4) / sum(1 / se^2)
spread <- list(phi = phi, tau = sqrt(max(0, (12 * phi - 11) / scale)))

made <- paste0("{\"R\": \"", getRversion(), "\", \"survey\": \"", packageVersion("survey"), "\"}")
parts <- list(fair = with_error(fair), effects = with_error(effects), asymmetry = asymmetry,
              necessity = necessity, overdispersion = spread)
lines <- paste0("\"", names(parts), "\": ", vapply(parts, object, ""), collapse = ",\n")
cat(paste0("{\n\"made_with\": ", made, ",\n", lines, "\n}\n"), file = args[1])
