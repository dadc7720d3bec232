"""Where the next trial's settings come from: TPE, seeded anew for each trial."""

import numpy as np
from optuna.samplers import BaseSampler, TPESampler


class SeededTPE(BaseSampler):
    """Optuna's TPE sampler whose random numbers depend only on the seed and the trial's number.

    A plain ``TPESampler(seed=0)`` starts over with the same random numbers when a study goes on in a new kernel, and
    several processes with one seed would all try the same settings.

    The method is the tree-structured Parzen estimator of Bergstra et al. 2011, "Algorithms for Hyper-Parameter
    Optimization" (NeurIPS 24).

    Parameters
    ----------
    seed : int
    startup_trials : int
        This many finished trials are chosen at random before the estimator takes over.
    """

    def __init__(self, seed, startup_trials=5):
        self.seed = seed
        self.startup_trials = startup_trials
        self._tpe = self._make(0)

    def _make(self, number):
        seed = int(np.random.SeedSequence([self.seed, number]).generate_state(1)[0])
        return TPESampler(n_startup_trials=self.startup_trials, seed=seed)

    def before_trial(self, study, trial):
        """Begin a trial with random numbers of its own."""
        self._tpe = self._make(trial.number)
        self._tpe.before_trial(study, trial)

    def infer_relative_search_space(self, study, trial):
        """Return the parameters that are drawn together (see `optuna.samplers.BaseSampler`)."""
        return self._tpe.infer_relative_search_space(study, trial)

    def sample_relative(self, study, trial, search_space):
        """Draw the parameters that are drawn together."""
        return self._tpe.sample_relative(study, trial, search_space)

    def sample_independent(self, study, trial, param_name, param_distribution):
        """Draw one parameter by itself."""
        return self._tpe.sample_independent(study, trial, param_name, param_distribution)

    def after_trial(self, study, trial, state, values):
        """Let the estimator note how the trial ended."""
        self._tpe.after_trial(study, trial, state, values)

    def reseed_rng(self):
        """Do nothing: each trial has random numbers of its own already."""
