from rasa.core.channels.rest import RestInput


class Desk(RestInput):
    """The tablet in the lobby."""

    @classmethod
    def name(cls):
        return "desk"

    @classmethod
    def from_credentials(cls, credentials):
        desk = cls()
        desk.room = credentials["room"]
        return desk
