"""From a dialogue to ranked suggestions, with any model that the other rooms can reach."""
