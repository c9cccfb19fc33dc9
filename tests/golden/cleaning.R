# Rscript cleaning.R cleaning.json
# Little's test, moments and Mahalanobis distances of incomplete data, and the traces of careless answering, in base R.
# EM is written out here over cov(), solve() and the observed-data formulas of Little & Rubin (2020, ch. 11.2), pattern by
# pattern on the observed block, which is another way than the project's; lavaan's saturated moments (missing = "fiml")
# check it. naniar 1.0 prints statistic 35.1, df 14, p 0.00142 for airquality (quoted, not run here).
suppressMessages(library(lavaan))
args <- commandArgs(TRUE)
number <- function(x) ifelse(is.na(x), "null", sprintf("%.17g", x))
vector <- function(x) paste0("[", paste(number(x), collapse = ", "), "]")
matrix_of <- function(x) paste0("[", paste(apply(as.matrix(x), 1, vector), collapse = ",\n  "), "]")
object <- function(x) paste0("{", paste0("\"", names(x), "\": ", x, collapse = ",\n "), "}")

em <- function(x, steps = 5000, tolerance = 1e-13) {
  mu <- colMeans(x, na.rm = TRUE)
  sigma <- diag(apply(x, 2, function(v) mean((v - mean(v, na.rm = TRUE))^2, na.rm = TRUE)))
  for (step in seq_len(steps)) {
    total <- 0 * mu
    cross <- 0 * sigma
    for (i in seq_len(nrow(x))) {
      o <- !is.na(x[i, ])
      row <- x[i, ]
      extra <- 0 * sigma
      if (any(!o)) {
        b <- sigma[!o, o, drop = FALSE] %*% solve(sigma[o, o])
        row[!o] <- mu[!o] + b %*% (row[o] - mu[o])
        extra[!o, !o] <- sigma[!o, !o] - b %*% sigma[o, !o]
      }
      total <- total + row
      cross <- cross + row %o% row + extra
    }
    before <- sigma
    mu <- total / nrow(x)
    sigma <- cross / nrow(x) - mu %o% mu
    if (max(abs(sigma - before)) < tolerance * max(abs(sigma))) break
  }
  list(mu = mu, sigma = sigma)
}
little <- function(x, m) {
  key <- apply(is.na(x), 1, paste, collapse = "")
  d2 <- 0
  df <- -ncol(x)
  for (k in unique(key)) {
    rows <- x[key == k, , drop = FALSE]
    o <- !is.na(rows[1, ])
    away <- colMeans(rows[, o, drop = FALSE]) - m$mu[o]
    d2 <- d2 + nrow(rows) * sum(away * solve(m$sigma[o, o], away))
    df <- df + sum(o)
  }
  list(chi2 = d2, df = df, pvalue = pchisq(d2, df, lower.tail = FALSE), patterns = length(unique(key)))
}
air <- as.matrix(airquality)
storage.mode(air) <- "double"
m <- em(air)
h1 <- suppressWarnings(lavInspect(lavCor(as.data.frame(air), missing = "fiml", output = "fit", se = "none"), "implied"))
stopifnot(max(abs(h1$cov / m$sigma - 1)) < 1e-3, max(abs(h1$mean / m$mu - 1)) < 1e-4)
distance <- apply(air, 1, function(row) {
  o <- !is.na(row)
  mahalanobis(row[o], m$mu[o], m$sigma[o, o])
})

set.seed(7)
answers <- matrix(sample(1:5, 40 * 22, TRUE, c(1, 2, 4, 6, 4)), 40)
answers[1, ] <- 4
answers[2, 3:18] <- 5
answers[sample(length(answers), 40)] <- NA
sizes <- c(2, 3, 1, 2, 3, 2, 2, 2, 2, 3)
longstring <- apply(answers, 1, function(row) max(rle(row[!is.na(row)])$lengths))
irv <- apply(answers, 1, sd, na.rm = TRUE)
ends <- cumsum(sizes)
evenodd <- apply(answers, 1, function(row) {
  half <- function(start) vapply(which(sizes > 1), function(k) {
    items <- row[(ends[k] - sizes[k] + 1):ends[k]]
    mean(items[seq(start, length(items), 2)], na.rm = TRUE)
  }, 0)
  first <- half(1)
  second <- half(2)
  both <- !is.na(first) & !is.na(second)
  if (sum(both) < 8 || sd(first[both]) == 0 || sd(second[both]) == 0) return(NA)
  r <- cor(first[both], second[both])
  2 * r / (1 + abs(r))
})
match_before <- vapply(seq_len(nrow(answers)), function(i) {
  if (i == 1) return(0)
  max(rowSums(answers[seq_len(i - 1), , drop = FALSE] == rep(answers[i, ], each = i - 1), na.rm = TRUE)) / ncol(answers)
}, 0)
wilson <- prop.test(3, 40, correct = FALSE)$conf.int
parts <- list(
  made_with = object(list(R = paste0("\"", getRversion(), "\""), lavaan = paste0("\"", packageVersion("lavaan"), "\""))),
  airquality = matrix_of(air), mean = vector(m$mu), covariance = matrix_of(m$sigma), distance = vector(distance),
  little = object(lapply(little(air, m), number)), answers = matrix_of(answers), sizes = vector(sizes),
  longstring = vector(longstring), irv = vector(irv), evenodd = vector(evenodd), match_before = vector(match_before),
  wilson_3_of_40 = vector(wilson)
)
cat(object(parts), "\n", sep = "", file = args[1])
