from rasa_sdk import Action


class ActionCallTaxi(Action):
    def name(self):
        return "action_call_taxi"

    def run(self, dispatcher, tracker, domain):
        dispatcher.utter_message(text="Your taxi is on its way.")
        return []
