# Rscript weighting.R <folder of apiclus1.csv and apistrat.csv> weighting.json
# R's answers for the stages of weighting: response propensity and weighting classes, post-stratification, trimming,
# and jackknife replicates that are raked one by one.
suppressMessages(library(survey))
args <- commandArgs(TRUE)
clus <- read.csv(file.path(args[1], "apiclus1.csv"), stringsAsFactors = TRUE)
strat <- read.csv(file.path(args[1], "apistrat.csv"), stringsAsFactors = TRUE)
entries <- list()
number <- function(x) paste0("[", paste(sprintf("%.15g", as.numeric(x)), collapse = ", "), "]")
keep <- function(name, ...) {
  values <- list(...)
  entries[[name]] <<- paste0("{", paste0("\"", names(values), "\": ", vapply(values, number, ""), collapse = ", "), "}")
}

# Response propensity: is the whole school in the programme, by type and poverty; grouped counts per cell.
strat$poor <- ifelse(strat$meals > 50, "high", "low")
cells <- aggregate(cbind(yes = as.numeric(comp.imp == "Yes"), no = as.numeric(comp.imp == "No")) ~ poor + stype, strat, sum)
cells <- cells[order(as.character(cells$stype), cells$poor), ]
fit <- glm(cbind(yes, no) ~ stype + poor, binomial, cells, control = glm.control(epsilon = 1e-14, maxit = 200))
keep("propensity", yes = cells$yes, no = cells$no, fitted = fitted(fit))

# Weighting classes: schools that met the target answer for all of their type, with their design weights.
answered <- strat$awards == "Yes"
factors <- tapply(strat$pw, strat$stype, sum) / tapply(strat$pw[answered], strat$stype[answered], sum)
adjusted <- strat[answered, ]
adjusted$w <- adjusted$pw * factors[as.character(adjusted$stype)]
keep("classes", factors = factors[c("E", "H", "M")], mean = weighted.mean(adjusted$api00, adjusted$w),
     total = sum(adjusted$w))

design <- svydesign(id = ~dnum, weights = ~pw, data = clus, fpc = ~fpc)
stype <- data.frame(stype = c("E", "H", "M"), Freq = c(4421, 755, 1018))
wide <- data.frame(sch.wide = c("No", "Yes"), Freq = c(1072, 5122))
post <- weights(postStratify(design, ~stype, stype))
keep("postStratify", weight_1 = post[[1]], min = min(post), max = max(post), sum = sum(post),
     mean = weighted.mean(clus$api00, post))

# Trimming: what is cut off goes to the weights inside the bounds; here those are alike, so that every way of sharing agrees.
two <- svydesign(id = ~1, weights = ~w, data = data.frame(w = rep(c(1, 6), c(150, 33))))
trimmed <- weights(trimWeights(two, upper = 4, strict = TRUE))
keep("trim", small = trimmed[[1]], large = trimmed[[183]], sum = sum(trimmed))

# Replicates: JK1 over districts, raked one by one.
control <- list(maxit = 1000, epsilon = 1e-12)
jack <- as.svrepdesign(svydesign(id = ~dnum, weights = ~pw, data = clus), type = "JK1", mse = TRUE)
raked <- rake(jack, list(~stype, ~sch.wide), list(stype, wide), control = control)
keep("raked_jackknife", mean = coef(svymean(~api00, raked)), se = SE(svymean(~api00, raked)),
     total = coef(svytotal(~enroll, raked)), total_se = SE(svytotal(~enroll, raked)))
# Calibration by other distances than raking, and within bounds of the ratio of the weights.
aim <- c(`(Intercept)` = 6194, stypeH = 755, stypeM = 1018, sch.wideYes = 5122)
for (kind in list(list("linear"), list("linear", c(0.4, 1.6)), list("logit", c(0.4, 1.6)), list("raking", c(0.4, 1.6)))) {
  bounds <- if (length(kind) > 1) kind[[2]] else c(-Inf, Inf)
  name <- paste0(kind[[1]], if (length(kind) > 1) "_bounded" else "")
  fitted <- calibrate(design, ~stype + sch.wide, aim, calfun = kind[[1]], bounds = bounds, maxit = 500, epsilon = 1e-11)
  keep(name, weights = weights(fitted)[c(1, 2, 10, 16, 29, 33)], mean = coef(svymean(~api00, fitted)))
}
# Numbers beside the margins: the total of api99; a crossed margin; and weights that a far total turns negative.
number_aim <- c(aim, api99 = 3914069)
mixed <- ~stype + sch.wide + api99
shown <- c(1, 2, 10, 16, 29, 33)
for (kind in list(list("linear"), list("raking"), list("logit", c(0.4, 2.5)), list("linear", c(0.4, 2.5)))) {
  bounds <- if (length(kind) > 1) kind[[2]] else c(-Inf, Inf)
  name <- paste0("number_", kind[[1]], if (length(kind) > 1) "_bounded" else "")
  fitted <- calibrate(design, mixed, number_aim, calfun = kind[[1]], bounds = bounds, maxit = 500, epsilon = 1e-12)
  keep(name, weights = weights(fitted)[shown], mean = coef(svymean(~api00, fitted)), se = SE(svymean(~api00, fitted)))
}
clus$crossed <- interaction(clus$stype, clus$sch.wide, sep = "_")
crossed <- c(E_No = 500, H_No = 255, M_No = 317, E_Yes = 3921, H_Yes = 500, M_Yes = 701)
cells <- svydesign(id = ~dnum, weights = ~pw, data = clus, fpc = ~fpc)
both <- calibrate(cells, ~crossed + api99 - 1, c(setNames(crossed[levels(clus$crossed)], paste0("crossed", levels(clus$crossed))), api99 = 3914069),
                  calfun = "linear", epsilon = 1e-12)
keep("crossed", weights = weights(both)[shown], mean = coef(svymean(~api00, both)), se = SE(svymean(~api00, both)))
far_aim <- c(aim, api99 = 4500000)
far <- calibrate(design, mixed, far_aim, calfun = "linear", epsilon = 1e-12)
keep("negative", weights = weights(far)[shown], negative = sum(weights(far) < 0), mean = coef(svymean(~api00, far)),
     se = SE(svymean(~api00, far)), total = coef(svytotal(~enroll, far)), total_se = SE(svytotal(~enroll, far)))
for (kind in c("linear", "raking")) {
  again <- calibrate(jack, mixed, number_aim, calfun = kind, epsilon = 1e-11, maxit = 500)
  keep(paste0("number_", kind, "_jackknife"), mean = coef(svymean(~api00, again)), se = SE(svymean(~api00, again)),
       total = coef(svytotal(~enroll, again)), total_se = SE(svytotal(~enroll, again)))
}
again <- calibrate(jack, mixed, far_aim, calfun = "linear", epsilon = 1e-11)
keep("negative_jackknife", mean = coef(svymean(~api00, again)), se = SE(svymean(~api00, again)))
nearest <- calibrate(jack, ~stype + sch.wide, aim, calfun = "linear", epsilon = 1e-11)
keep("linear_jackknife", mean = coef(svymean(~api00, nearest)), se = SE(svymean(~api00, nearest)))
lines <- paste0(" \"", names(entries), "\": ", unlist(entries), collapse = ",\n")
made <- paste0(" \"made_with\": {\"R\": \"", getRversion(), "\", \"survey\": \"", packageVersion("survey"), "\"},\n")
cat(paste0("{\n", made, lines, "\n}\n"), file = args[2])
