# Rscript reliability_csibank.R csibank.csv reliability_csibank.json
# Cronbach's alpha of the six constructs of the bank survey and its item statistics, in base R. `psych_alpha` and
# `psych_alpha_std` are what psych 2.2.9 printed for the same file (quoted, not run here).
args <- commandArgs(TRUE)
d <- read.csv(args[1])
blocks <- list(IMAG = 6, EXPE = 4, QUAL = 7, VAL = 4, SAT = 3, LOY = 3)
psych_alpha <- c(IMAG = 0.864518, EXPE = 0.823124, QUAL = 0.895363, VAL = 0.843028, SAT = 0.898945, LOY = 0.814781)
psych_alpha_std <- c(IMAG = 0.867784, EXPE = 0.826714, QUAL = 0.895130, VAL = 0.856717, SAT = 0.900518, LOY = 0.812354)
alpha <- function(x) {
  k <- ncol(x)
  k / (k - 1) * (1 - sum(apply(x, 2, var)) / var(rowSums(x)))
}
object <- function(x) paste0("{", paste0("\"", names(x), "\": ", vapply(x, sprintf, "", fmt = "%.15g"), collapse = ", "), "}")
named <- function(x) paste0("{\n ", paste0("\"", names(x), "\": ", x, collapse = ",\n "), "}")
items_of <- function(name) paste0(tolower(name), seq_len(blocks[[name]]))
constructs <- vapply(names(blocks), function(name) {
  x <- d[items_of(name)]
  object(list(alpha = alpha(x), alpha_std = alpha(scale(x)), mean = mean(rowMeans(x)),
              psych_alpha = psych_alpha[[name]], psych_alpha_std = psych_alpha_std[[name]]))
}, "")
items <- unlist(lapply(names(blocks), function(name) {
  vapply(items_of(name), function(item) {
    rest <- d[setdiff(items_of(name), item)]
    object(list(mean = mean(d[[item]]), sd = sd(d[[item]]), item_rest = cor(d[[item]], rowSums(rest)),
                alpha_without = alpha(rest)))
  }, "")
}))
cat(paste0("{\"made_with\": {\"R\": \"", getRversion(), "\"},\n\"quoted_from\": {\"psych\": \"2.2.9\"},\n\"constructs\": ",
           named(constructs), ",\n\"items\": ", named(items), "}\n"), file = args[2])
