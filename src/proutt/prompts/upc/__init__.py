"""What UPC's chatbot, user agent and critic ask a model (UPC 4.1, 4.2): one text per step and language."""

from proutt.prompts.upc.chatbot import Greet, Regenerate, Respond
from proutt.prompts.upc.critic import Criticise, Score
from proutt.prompts.upc.heard import Feedback, Heard
from proutt.prompts.upc.user import Introduce, ReplyInPerson

__all__ = ["Criticise", "Feedback", "Greet", "Heard", "Introduce", "Regenerate", "ReplyInPerson", "Respond", "Score"]
