# Rscript measurement.R csibank.csv measurement.json
# Reliability, validity and factors of the bank survey and of HolzingerSwineford1939 (lavaan's copy): psych for Feldt's
# interval, KMO and Bartlett; base R for HTMT and the eigenvalues; lavaan for the loadings that omega, CR and AVE are
# made of by their formulas; factanal + GPArotation::oblimin for the exploratory factors.
suppressPackageStartupMessages({library(psych); library(lavaan); library(GPArotation)})
args <- commandArgs(TRUE)
bank <- read.csv(args[1])
sizes <- c(IMAG = 6, EXPE = 4, QUAL = 7, VAL = 4, SAT = 3, LOY = 3)
blocks <- lapply(names(sizes), function(k) paste0(tolower(k), seq_len(sizes[[k]])))
names(blocks) <- names(sizes)
school <- list(visual = paste0("x", 1:3), textual = paste0("x", 4:6), speed = paste0("x", 7:9))

num <- function(x) if (is.na(x)) "null" else sprintf("%.15g", x)
vec <- function(x) paste0("[", paste(vapply(as.numeric(x), num, ""), collapse = ", "), "]")
obj <- function(x) paste0("{", paste0("\"", names(x), "\": ", unlist(x), collapse = ",\n "), "}")
mat <- function(m) paste0("[", paste(apply(m, 1, vec), collapse = ",\n "), "]")

feldt <- function(data, blocks) obj(lapply(blocks, function(items) {
  found <- alpha(data[items], warnings = FALSE)$feldt
  vec(c(found$lower.ci, found$upper.ci))
}))

htmt <- function(r, blocks) {
  m <- length(blocks)
  out <- matrix(NA, m, m)
  for (i in seq_len(m)) for (j in seq_len(m)) if (i != j) {
    between <- mean(abs(r[blocks[[i]], blocks[[j]]]))
    own <- function(b) { s <- abs(r[b, b]); mean(s[lower.tri(s)]) }
    out[i, j] <- between / sqrt(own(blocks[[i]]) * own(blocks[[j]]))
  }
  out
}

cfa_values <- function(data, blocks) {
  model <- paste(vapply(names(blocks), function(k) paste(k, "=~", paste(blocks[[k]], collapse = " + ")), ""), collapse = "\n")
  fit <- cfa(model, data = data)
  est <- lavInspect(fit, "est")
  std <- lavInspect(fit, "std")
  per <- lapply(names(blocks), function(k) {
    items <- blocks[[k]]
    l <- est$lambda[items, k]; v <- est$psi[k, k]; th <- diag(est$theta)[items]; s <- std$lambda[items, k]
    obj(list(omega = num(sum(l)^2 * v / (sum(l)^2 * v + sum(th))),
             cr = num(sum(s)^2 / (sum(s)^2 + sum(1 - s^2))), ave = num(mean(s^2))))
  })
  names(per) <- names(blocks)
  # delta-method standard errors by lavaan's own := on the labelled model
  own <- lapply(names(blocks), function(k) {
    items <- blocks[[k]]; i <- seq_along(items)
    rows <- paste0(k, " =~ ", paste0("NA*", items[1], " + ", paste0(paste0("l", i), "*", items, collapse = " + ")))
    others <- vapply(setdiff(names(blocks), k), function(o) paste(o, "=~", paste(blocks[[o]], collapse = " + ")), "")
    th <- paste0(items, " ~~ ", paste0("t", i), "*", items, collapse = "\n")
    ave <- paste0("ave := (", paste0("l", i, "^2/(l", i, "^2+t", i, ")", collapse = " + "), ")/", length(items))
    sum_l <- paste0("(", paste0("l", i, collapse = "+"), ")^2")
    omega <- paste0("omega := ", sum_l, "/(", sum_l, " + ", paste0("t", i, collapse = "+"), ")")
    f <- cfa(paste(c(rows, others, paste0(k, " ~~ 1*", k), th, ave, omega), collapse = "\n"), data = data)
    d <- parameterEstimates(f); d <- d[d$op == ":=", ]
    obj(list(ave_se = num(d$se[d$lhs == "ave"]), omega_se = num(d$se[d$lhs == "omega"])))
  })
  names(own) <- names(blocks)
  cov <- lavInspect(fit, "cor.lv")
  one <- cfa(paste("g =~", paste(unlist(blocks), collapse = " + ")), data = data)
  harman <- mean(lavInspect(one, "std")$lambda^2)
  measures <- c("chisq", "df", "cfi", "tli", "rmsea", "srmr")
  obj(list(constructs = obj(per), errors = obj(own), correlations = mat(cov[names(blocks), names(blocks)]),
           fit = vec(fitMeasures(fit, measures)), single_fit = vec(fitMeasures(one, measures)), harman = num(harman)))
}

explored <- function(r, n, k) {
  fit <- factanal(covmat = r, n.obs = n, factors = k, rotation = "none", control = list(opt = list(factr = 1e4)))
  turned <- GPFoblq(unclass(loadings(fit))[, ], method = "quartimin", normalize = FALSE, eps = 1e-6, maxit = 5000)
  obj(list(uniqueness = vec(fit$uniquenesses), loadings = mat(turned$loadings), phi = mat(turned$Phi)))
}

survey <- function(data, blocks) {
  items <- unlist(blocks, use.names = FALSE)
  r <- cor(data[items])
  k <- KMO(r)
  b <- cortest.bartlett(r, n = nrow(data))
  obj(list(n = nrow(data), feldt = feldt(data, blocks), kmo = num(k$MSA), msa = vec(k$MSAi), bartlett = vec(c(b$chisq, b$df)),
           eigenvalues = vec(eigen(r)$values), htmt = mat(htmt(r, blocks)), cfa = cfa_values(data, blocks),
           efa = explored(r, nrow(data), length(blocks))))
}

set.seed(1)
random <- t(replicate(2000, eigen(cor(matrix(rnorm(301 * 9), 301)), only.values = TRUE)$values))
cat(paste0(obj(list(
  made_with = obj(list(R = paste0("\"", getRversion(), "\""), psych = paste0("\"", packageVersion("psych"), "\""),
                       lavaan = paste0("\"", packageVersion("lavaan"), "\""))),
  csibank = survey(bank, blocks), school = survey(HolzingerSwineford1939, school),
  random_301_9 = vec(apply(random, 2, quantile, 0.95)))), "\n"), file = args[2])
