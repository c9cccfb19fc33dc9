# Rscript survey_designs.R survey_designs.json
# What finite populations, single units, regression by mode and the effect of leaving rows out come to in R survey:
# svymean with fpc, survey.lonely.psu "adjust" and "certainty" in linearisation and jackknife, svyglm with regTermTest
# and predictive margins, and the difference of the means of a subset and the whole as svycontrast of four totals.
suppressMessages(library(survey))
args <- commandArgs(TRUE)
number <- function(x) sprintf("%.15g", x)
object <- function(x) paste0("{", paste0("\"", names(x), "\": ", vapply(x, function(v)
  if (is.list(v)) object(v) else number(v), ""), collapse = ", "), "}")
se <- function(x) unname(SE(x)[1])

# Seventeen units of four rows, made without random numbers so that Python can make the same rows.
i <- 0:67
rows <- data.frame(unit = i %/% 4, y = 50 + 8 * sin(i %/% 4 * 1.3) + 3 * cos(i * 2.1), w = 1 + (i %/% 4) %% 3)
finite <- lapply(list(none = Inf, half = 34, all = 17), function(size) {
  rows$fpc <- size
  design <- if (is.finite(size)) svydesign(~unit, weights = ~w, fpc = ~fpc, data = rows)
            else svydesign(~unit, weights = ~w, data = rows)
  list(mean = unname(coef(svymean(~y, design))), se = if (is.finite(size) && size == 17) 0 else se(svymean(~y, design)))
})
stopifnot(svymean(~y, svydesign(~unit, weights = ~w, fpc = ~I(rep(17, 68)), data = rows)) |> SE() < 1e-9)

# Unit 0 is a stratum of its own.
rows$stratum <- ifelse(rows$unit == 0, "alone", ifelse(rows$unit < 9, "low", "high"))
single <- lapply(c(adjust = "adjust", certainty = "certainty"), function(option) {
  options(survey.lonely.psu = option)
  design <- svydesign(~unit, strata = ~stratum, weights = ~w, data = rows)
  jackknife <- as.svrepdesign(design, type = "JKn", mse = TRUE)
  list(taylor_mean = se(svymean(~y, design)), taylor_total = se(svytotal(~y, design)),
       jackknife_mean = se(svymean(~y, jackknife)), jackknife_total = se(svytotal(~y, jackknife)),
       replicates = ncol(weights(jackknife, "analysis")))
})
options(survey.lonely.psu = "fail")

# 600 rows in 40 units and 4 strata; ten have no answer.
i <- 0:599
data <- data.frame(mode = factor(c("app", "web", "desk")[i %% 7 %% 3 + 1]),
                   age = factor(c("young", "middle", "old")[(i %/% 5) %% 3 + 1]),
                   type = factor(c("p", "q")[(i %/% 11) %% 2 + 1]),
                   w = 1 + (i %% 4) / 2, unit = i %% 40, stratum = i %% 4, kept = i %% 9 != 0)
data$y <- 70 + 6 * (data$mode == "app") + 3 * (data$age == "old") - 2 * (data$type == "q") + 12 * sin(i * 1.7) +
  4 * sin(data$unit * 2.3)
data$y[i %% 60 == 7] <- NA
design <- svydesign(~unit, strata = ~stratum, weights = ~w, data = data)
compared <- function(formula) {
  fit <- svyglm(formula, design)
  test <- regTermTest(fit, ~mode)
  used <- data[!is.na(data$y), ]
  margins <- lapply(levels(data$mode), function(level) {
    changed <- used
    changed$mode <- factor(level, levels = levels(data$mode))
    x <- colSums(model.matrix(formula, changed) * used$w) / sum(used$w)
    half <- qt(0.975, fit$df.residual) * sqrt(drop(x %*% vcov(fit) %*% x))
    list(estimate = sum(x * coef(fit)), low = sum(x * coef(fit)) - half, high = sum(x * coef(fit)) + half)
  })
  names(margins) <- levels(data$mode)
  list(F = test$Ftest[1], p = test$p[1], df = fit$df.residual, margins = margins)
}
modes <- list(raw = compared(y ~ mode), adjusted = compared(y ~ mode + age + type))

# Mean of the kept less mean of all with an answer: a function of four totals of the one sample.
data <- within(data, {
  answered <- as.numeric(!is.na(y))
  kept_answered <- answered * kept
  sum <- ifelse(is.na(y), 0, y)
  kept_sum <- sum * kept
})
design <- svydesign(~unit, strata = ~stratum, weights = ~w, data = data)
totals <- svytotal(~kept_sum + kept_answered + sum + answered, design)
change <- svycontrast(totals, quote(kept_sum / kept_answered - sum / answered))
subset <- list(difference = unname(coef(change)), se = unname(SE(change)[1]), df = degf(design))
made <- paste0("{\"R\": \"", getRversion(), "\", \"survey\": \"", packageVersion("survey"), "\"}")
cat(paste0("{\n\"made_with\": ", made, ",\n\"finite\": ", object(finite), ",\n\"single\": ", object(single),
           ",\n\"modes\": ", object(modes), ",\n\"subset\": ", object(subset), "\n}\n"), file = args[1])
