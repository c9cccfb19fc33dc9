# Rscript waves.R waves.json
# Levels of three waves and the changes between them in R survey: waves drawn anew, each with its own strata and units
# (the second with neither), as strata of one design; and a panel whose members answer in several waves, as clusters over all of
# them, without strata and with the stratum of the first interview. No random numbers, so that Python can make the same rows.
suppressMessages(library(survey))
args <- commandArgs(TRUE)
number <- function(x) sprintf("%.15g", x)
object <- function(x) paste0("{", paste0("\"", names(x), "\": ", vapply(x, function(v)
  if (is.list(v)) object(v) else number(v), ""), collapse = ", "), "}")

wave <- function(t, n, first) {
  i <- 0:(n - 1)
  id <- first + i
  y <- round(50 + 4 * t + 12 * sin(id * 1.7) + 5 * cos(id * 0.3 + t) + 3 * sin(i * 2.9 + 5 * t), 6)
  data.frame(t = t, id = id, y = y, w = 1 + (i %% 4) / 2, unit = i %/% 6, stratum = (i %/% 6) %% 3)
}
told <- function(design) {
  found <- svyby(~y, ~t, design, svymean, covmat = TRUE)
  change <- function(weights) {
    one <- svycontrast(found, weights)
    list(difference = unname(coef(one)), se = unname(SE(one)))
  }
  list(level = as.list(setNames(unname(coef(found)), c("w1", "w2", "w3"))),
       se = as.list(setNames(unname(SE(found)), c("w1", "w2", "w3"))),
       second_first = change(c("1" = -1, "2" = 1)), third_second = change(c("2" = -1, "3" = 1)),
       third_first = change(c("1" = -1, "3" = 1)))
}

anew <- rbind(wave(1, 120, 1000), wave(2, 90, 3000), wave(3, 150, 5000))
anew$part <- ifelse(anew$t == 2, "2", paste(anew$t, anew$stratum))
anew$unit <- ifelse(anew$t == 2, paste("2", anew$id), paste(anew$t, anew$unit))
independent <- told(svydesign(~unit, strata = ~part, weights = ~w, data = anew))

# Of 120, 100 and 110 people 80 answer the first two waves and 70 the last two; 50 answer all three.
panel <- rbind(wave(1, 120, 1000), wave(2, 100, 1040), wave(3, 110, 1070))
panel$w <- 1 + (panel$id %% 4) / 2
overlapping <- told(svydesign(~id, weights = ~w, data = panel))
panel$drawn <- (panel$id %/% 7) %% 3
stratified <- told(svydesign(~id, strata = ~drawn, weights = ~w, data = panel))
apart <- lapply(c(w1 = 1, w2 = 2, w3 = 3), function(t)
  list(se = unname(SE(svymean(~y, svydesign(~1, weights = ~w, data = panel[panel$t == t, ]))))))

# A real panel: the performance index of 200 schools in 1999 and in 2000, drawn by type.
data(api)
schools <- svymean(~api99 + api00, svydesign(~1, strata = ~stype, weights = ~pw, data = apistrat))
moved <- svycontrast(schools, c(api99 = -1, api00 = 1))
api <- list(before = unname(coef(schools)[1]), after = unname(coef(schools)[2]), se_before = unname(SE(schools)[1]),
            se_after = unname(SE(schools)[2]), difference = unname(coef(moved)), se = unname(SE(moved)))

writeLines(object(list(independent = independent, overlapping = overlapping, stratified = stratified, apart = apart, api = api)), args[1])
