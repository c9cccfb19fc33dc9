# Rscript service_training.R service_training.json
# Group-time effects by hand (Callaway & Sant'Anna, never-treated, varying base) on a made-up panel of 30 units.
set.seed(7)
start <- rep(c(0, 2, 3), times = c(14, 9, 7))
y <- round(matrix(rnorm(30 * 4, 70, 6), 30) + outer(rnorm(30, 0, 4), rep(1, 4)) + outer(start > 0, 1:4, "*"), 2)
n <- nrow(y); out <- NULL
for (g in c(2, 3)) for (t in 2:4) {
  b <- if (t >= g) g - 1 else t - 1
  dy <- y[, t] - y[, b]; G <- start == g; C <- start == 0
  att <- mean(dy[G]) - mean(dy[C])
  inf <- (G / mean(G)) * (dy - mean(dy[G])) - (C / mean(C)) * (dy - mean(dy[C]))
  out <- rbind(out, data.frame(g = g, t = t, att = att, se = sqrt(mean(inf^2) / n)))
}
post <- out[out$t >= out$g, ]; size <- sapply(post$g, function(g) mean(start == g))
number <- function(x) sprintf("%.12g", x)
array <- function(x) paste0("[", paste(vapply(x, number, ""), collapse = ", "), "]")
rows <- function(m) paste0("[", paste(apply(m, 1, array), collapse = ", "), "]")
cat(paste0("{\n \"made_with\": {\"R\": \"", getRversion(), "\"},\n \"start\": ", array(start), ",\n \"outcome\": ", rows(y),
  ",\n \"group_time\": ", rows(as.matrix(out[, c("g", "t")])), ",\n \"effect\": ", array(out$att), ",\n \"se\": ", array(out$se),
  ",\n \"overall\": ", number(sum(post$att * size) / sum(size)), "\n}\n"), file = commandArgs(TRUE)[1])
