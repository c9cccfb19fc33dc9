# Rscript sem_mediation.R csibank.csv sem_mediation.json
# lavaan's products of paths for every route from image and expectations to loyalty: raw with its delta-method error,
# standardised with its own, by ML and by MLR with the weights 1 + (row mod 5)/2; and for the share of the effect of
# quality that passes through value.
suppressMessages(library(lavaan))
args <- commandArgs(TRUE)
blocks <- list(IMAG = 6, EXPE = 4, QUAL = 7, VAL = 4, SAT = 3, LOY = 3)
measured <- paste(mapply(function(name, k) paste(name, "=~", paste0(tolower(name), seq_len(k), collapse = " + ")),
                         names(blocks), blocks), collapse = "\n")
paths <- "
EXPE ~ a*IMAG
QUAL ~ b*EXPE
VAL ~ c*EXPE + d*QUAL
SAT ~ e*IMAG + f*EXPE + g*QUAL + h*VAL
LOY ~ i*IMAG + j*SAT
"
routes <- c(IMAG_LOY = "i", IMAG_SAT_LOY = "e*j", IMAG_EXPE_SAT_LOY = "a*f*j", IMAG_EXPE_QUAL_SAT_LOY = "a*b*g*j",
            IMAG_EXPE_VAL_SAT_LOY = "a*c*h*j", IMAG_EXPE_QUAL_VAL_SAT_LOY = "a*b*d*h*j", EXPE_SAT_LOY = "f*j",
            EXPE_QUAL_SAT_LOY = "b*g*j", EXPE_VAL_SAT_LOY = "c*h*j", EXPE_QUAL_VAL_SAT_LOY = "b*d*h*j",
            QUAL_share_VAL = "d*h/(g + d*h)")
model <- paste(c(measured, paths, paste(names(routes), ":=", routes)), collapse = "\n")
d <- read.csv(args[1])
d$w <- 1 + (seq_len(nrow(d)) %% 5) / 2
described <- function(fit) {
  raw <- parameterEstimates(fit)
  std <- standardizedSolution(fit)
  raw <- raw[raw$op == ":=", ]
  std <- std[std$op == ":=", ]
  paste0("{\n  ", paste(sprintf("\"%s\": [%.12g, %.12g, %.12g, %.12g]", raw$lhs, raw$est, raw$se, std$est.std, std$se),
                        collapse = ",\n  "), "}")
}
made <- paste0("{\"made_with\": {\"R\": \"", getRversion(), "\", \"lavaan\": \"", packageVersion("lavaan"), "\"},\n")
cat(paste0(made, "\"ml\": ", described(sem(model, data = d)), ",\n\"weighted\": ",
           described(sem(model, data = d, estimator = "MLR", sampling.weights = "w")), "}\n"), file = args[2])
