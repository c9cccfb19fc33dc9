# Rscript fieldwork.R fieldwork.json
# AAPOR rates of three sets of counts, Wilson's interval, response propensities and R, and predictive margins by channel.
# The rates are written out from the formulas of the Standard Definitions (10th edition, 2023), the intervals come from
# prop.test, the propensities from glm, the margins and the Wald test from survey's svyglm and regTermTest.
suppressMessages(library(survey))
args <- commandArgs(TRUE)
number <- function(x) ifelse(is.na(x), "null", sprintf("%.15g", x))
object <- function(x) paste0("{", paste0("\"", names(x), "\": ", number(unlist(x)), collapse = ", "), "}")

rates <- function(I, P, R, NC, O, UH, UO, NE) {
  e <- (I + P + R + NC + O) / (I + P + R + NC + O + NE)
  list(e = e,
    RR1 = I / ((I + P) + (R + NC + O) + (UH + UO)), RR2 = (I + P) / ((I + P) + (R + NC + O) + (UH + UO)),
    RR3 = I / ((I + P) + (R + NC + O) + e * (UH + UO)), RR4 = (I + P) / ((I + P) + (R + NC + O) + e * (UH + UO)),
    RR5 = I / ((I + P) + (R + NC + O)), RR6 = (I + P) / ((I + P) + (R + NC + O)),
    COOP1 = I / ((I + P) + R + O), COOP2 = (I + P) / ((I + P) + R + O),
    COOP3 = I / ((I + P) + R), COOP4 = (I + P) / ((I + P) + R),
    REF1 = R / ((I + P) + (R + NC + O) + (UH + UO)), REF2 = R / ((I + P) + (R + NC + O) + e * (UH + UO)),
    REF3 = R / ((I + P) + (R + NC + O)),
    CON1 = ((I + P) + R + O) / ((I + P) + R + O + NC + (UH + UO)),
    CON2 = ((I + P) + R + O) / ((I + P) + R + O + NC + e * (UH + UO)),
    CON3 = ((I + P) + R + O) / ((I + P) + R + O + NC))
}
counts <- list(c(I = 346, P = 21, R = 211, NC = 402, O = 36, UH = 150, UO = 44, NE = 77),
               c(I = 12, P = 0, R = 9, NC = 31, O = 0, UH = 0, UO = 0, NE = 5),
               c(I = 5891, P = 45, R = 3297, NC = 4296, O = 547, UH = 2145, UO = 0, NE = 714))
aapor <- vapply(counts, function(k) paste0("  {\"counts\": ", object(as.list(k)), ",\n   \"rates\": ",
                object(do.call(rates, as.list(k))), "}"), "")
wilson <- function(x, n, level) {
  ci <- prop.test(x, n, conf.level = level, correct = FALSE)$conf.int
  object(list(x = x, n = n, level = level, low = ci[1], high = ci[2]))
}

# Response propensities of 16 cells: n and respondents by stratum and channel, a weight per stratum.
cells <- expand.grid(stratum = c("a", "b", "c", "d"), channel = c("u", "v", "w", "x"))
cells$n <- c(120, 80, 60, 40, 90, 110, 50, 70, 200, 30, 45, 65, 75, 85, 95, 55)
cells$r <- c(48, 20, 33, 9, 30, 52, 20, 14, 90, 8, 25, 13, 21, 40, 38, 11)
cells$w <- c(a = 10, b = 4, c = 2.5, d = 7)[as.character(cells$stratum)]
people <- data.frame(cells[rep(1:16, cells$n), c("stratum", "channel", "w")],
                     answered = unlist(mapply(function(r, n) rep(c(1, 0), c(r, n - r)), cells$r, cells$n)))
indicator <- function(weights) {
  people$weights <- weights
  fit <- suppressWarnings(glm(answered ~ stratum * channel, family = binomial, data = people, weights = weights))
  rho <- fitted(fit)
  mean <- weighted.mean(rho, weights)
  1 - 2 * sqrt(sum(weights * (rho - mean)^2) / (sum(weights) - 1))
}
propensities <- object(list(r_unweighted = indicator(rep(1, nrow(people))), r_weighted = indicator(people$w)))

# Index by channel, made without random numbers so that Python can make the same rows.
i <- 0:599
mode <- c("app", "web", "desk")[i %% 7 %% 3 + 1]
age <- c("young", "middle", "old")[(i %/% 5) %% 3 + 1]
type <- c("p", "q")[(i %/% 11) %% 2 + 1]
w <- 1 + (i %% 4) / 2
y <- 70 + 6 * (mode == "app") + 3 * (age == "old") - 2 * (type == "q") + 12 * sin(i * 1.7)
data <- data.frame(mode = factor(mode), age = factor(age), type = factor(type), w, y)
design <- svydesign(id = ~1, weights = ~w, data = data)
fit <- svyglm(y ~ mode + age + type, design)
test <- regTermTest(fit, ~mode)
margins <- lapply(levels(data$mode), function(level) {
  changed <- data
  changed$mode <- factor(level, levels = levels(data$mode))
  x <- colSums(model.matrix(y ~ mode + age + type, changed) * w) / sum(w)
  se <- sqrt(drop(x %*% vcov(fit) %*% x))
  q <- qt(0.975, fit$df.residual)
  estimate <- sum(x * coef(fit))
  list(estimate = estimate, low = estimate - q * se, high = estimate + q * se)
})
names(margins) <- levels(data$mode)
modes <- paste0("{\"F\": ", number(test$Ftest[1]), ", \"p\": ", number(test$p[1]), ", \"df\": ", number(fit$df.residual),
                ", \"margins\": {", paste0("\"", names(margins), "\": ", vapply(margins, object, ""), collapse = ", "), "}}")
made <- paste0("{\"R\": \"", getRversion(), "\", \"survey\": \"", packageVersion("survey"), "\"}")
cat(paste0("{\n\"made_with\": ", made, ",\n\"aapor\": [\n", paste(aapor, collapse = ",\n"), "\n],\n\"wilson\": [",
           wilson(37, 120, 0.95), ", ", wilson(1, 40, 0.9), "],\n\"propensities\": ", propensities, ",\n\"modes\": ", modes,
           "\n}\n"), file = args[1])
