# Rscript tabulation.R > tabulation.json: banner statistics of R survey under a stratified cluster design, with weights
# and with their jackknife replicates. Made-up answers; survey 4.1, R 4.2.
suppressMessages({library(survey); library(jsonlite)})
set.seed(12)
stratum <- rep(1:4, times = c(4, 5, 4, 3))
units <- data.frame(stratum, psu = seq_along(stratum), level = rnorm(length(stratum)))
data <- do.call(rbind, lapply(seq_len(nrow(units)), function(i) {
  n <- sample(9:14, 1)
  data.frame(stratum = units$stratum[i], psu = units$psu[i], w = round(runif(n, 20, 90), 1),
             rating = pmin(10, pmax(0, round(7 + units$level[i] + rnorm(n, 0, 2)))),
             region = sample(c("east", "south", "west"), n, TRUE, c(5, 3, 2)),
             owner = sample(c("no", "yes"), n, TRUE),
             debt = round(rgamma(n, 1.5, 1 / 20000)), income = round(rgamma(n, 4, 1 / 12000)),
             app = rbinom(n, 1, 0.4))
}))
data$rating[sample(nrow(data), 9)] <- NA
data$debt[sample(nrow(data), 7)] <- NA
data$region[sample(nrow(data), 5)] <- NA
data$nps <- with(data, 100 * ((rating >= 9) - (rating <= 6)))
data$net <- with(data, 100 * ((rating >= 9) - (rating <= 1)))
data$top <- with(data, as.numeric(rating >= 9))
data$five <- with(data, as.numeric(rating == 5))
data$yes <- as.numeric(data$owner == "yes")
taylor <- svydesign(~psu, strata = ~stratum, weights = ~w, data = data)
jackknife <- as.svrepdesign(taylor, type = "JKn", mse = TRUE)
figures <- function(found) list(estimate = unname(coef(found)), se = unname(c(SE(found))))
of <- function(design) {
  mean_of <- function(name, d) figures(svymean(as.formula(paste0("~", name)), d, na.rm = TRUE))
  total_of <- function(name, d) figures(svytotal(as.formula(paste0("~", name)), d, na.rm = TRUE))
  column <- function(d) {
    quantile <- svyquantile(~debt, d, c(0.25, 0.5), na.rm = TRUE, ci = TRUE, interval.type = "mean", qrule = "math")$debt
    share <- svyciprop(~yes, d, method = "logit", df = degf(design))
    list(mean = mean_of("rating", d), nps = mean_of("nps", d), net = mean_of("net", d), top_two = mean_of("top", d),
         five = mean_of("five", d), owner = mean_of("yes", d), owners = total_of("yes", d), app = mean_of("app", d),
         debt = mean_of("debt", d), debts = total_of("debt", d), ratio = figures(svyratio(~debt, ~income, d, na.rm = TRUE)),
         median = list(estimate = quantile[2, 1], se = quantile[2, 4]), p25 = list(estimate = quantile[1, 1], se = quantile[1, 4]))
  }
  means <- svyby(~debt, ~region, subset(design, !is.na(debt)), svymean, covmat = TRUE)
  contrast <- svycontrast(means, c(1, -1, 0))
  list(all = column(design), east = column(subset(design, region == "east")), west = column(subset(design, region == "west")),
       east_yes = column(subset(design, region == "east" & owner == "yes")), east_south = figures(contrast))
}
out <- list(data = data[c("stratum", "psu", "w", "rating", "region", "owner", "debt", "income", "app")],
            weights = weights(jackknife, "analysis"), factors = jackknife$rscales * jackknife$scale,
            degrees = degf(jackknife), taylor = of(taylor), replicates = of(jackknife))
cat(toJSON(out, digits = NA, auto_unbox = TRUE, na = "null", dataframe = "columns"))
