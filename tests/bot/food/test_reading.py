"""What is asked about food, in words that strangers use, and what is answered."""

from __future__ import annotations

import re

import pytest
from actions.food.menu import allergens_in, dishes_named
from actions.food.question import asked_again, read_question
from actions.food.replies import answer_allergens, answer_menu
from actions.food.safety import ASK_KITCHEN, ONE_KITCHEN, answer, the
from actions.house.restaurant import Restaurant

# Strangers' ways to ask about a dish and what somebody cannot eat.
ASKED = (
    "my lad can't go near {food} so {dish} is out is it",
    "would {dish} do for somebody off {food}",
    "she's to keep off {food} any harm in {dish}",
    "{dish} hasn't got {food} has it",
    "{food} that's what i can't have so what about {dish}",
    "is it true {dish} is free of {food}",
    "i was told {dish} had no {food}",
    "any {food} hiding in {dish}",
    "if {food} makes me ill can i risk {dish}",
    "can i have {dish} i'm not supposed to have {food}",
    "i'd love {dish} only i'm allergic to {food}",
    "are you positive there's no {food} in {dish}",
    "my doctor says no {food} would {dish} be off limits",
    "so for {food} {dish} is a yes or a no",
    "i can have anything but {food} so is {dish} alright",
    "you don't put {food} in {dish} do you",
    "my son is fine with everything except {food} can he have {dish}",
)


def said(question: str, restaurant: Restaurant) -> str:
    return answer(read_question(question, restaurant.menu), restaurant.menu).text


@pytest.mark.parametrize(
    ("question", "begins"),
    [
        # told by what is in it
        ("the thing with coconut is that vegan", "Yes, the chickpea curry is vegan"),
        ("the fish dish does it have milk", "Yes, the grilled sea bass contains milk"),
        ("the apple thing has that got nuts", "No, the apple tart is made without nuts"),
        ("i had the chocolate pudding does it have almonds", "The chocolate cake contains nuts"),
        ("is the fish ok for a coeliac", "Yes, the grilled sea bass is made without gluten"),
        ("is the red soup ok for someone lactose intolerant", "No, the tomato soup contains milk"),
        ("the spicy prawns are they gluten free", "The garlic prawns are made without gluten"),
        ("so the curry's fine for a vegan right", "The chickpea curry is vegan"),
        # what is said to be fine is not kept off
        (
            "are the prawns safe for my mum she's got a fish allergy not shellfish",
            "Yes, the garlic prawns are made without",
        ),
        ("i'm not allergic to nuts just peanuts is the cake ok", "The chocolate cake is made without peanuts"),
        ("i'm vegetarian but i do eat fish what can i have", "Vegetarian, we have tomato soup"),
        # all but one
        ("are there nuts in anything besides the chocolate cake", "The beet salad contains nuts"),
        ("everything but the lasagna is egg free then", "Without eggs, we have tomato soup"),
        ("are any of the mains dairy free apart from the curry", "Not all of them. Without milk, we have beef stew"),
        # the food that somebody keeps off stands between the words for avoiding
        ("what would a vegetarian who can't do milk have", "Vegetarian and without milk, we have beet salad"),
        # fond of it, or just asked for
        ("what's good for someone who likes fish", "The grilled sea bass contains fish"),
        ("any fish", "The grilled sea bass contains fish"),
        ("is there a dish with no allergens at all", "Without any of the common allergens, we have lemon sorbet"),
        # wished without it
        ("can the kitchen leave the almonds off the cake", "The chocolate cake contains nuts. I don't know whether"),
        ("could i get the risotto without parmesan", "The mushroom risotto contains milk. I don't know whether"),
        ("can you do the curry without nuts", "Yes, the chickpea curry is made without nuts"),
        ("does the sea bass come without butter", "No, the grilled sea bass contains milk"),
        # conditions that nobody wrote down
        ("i'm pregnant can i have the garlic prawns", "I don't know whether the garlic prawns are right in pregnancy"),
        ("my husband is diabetic what would you suggest", "I don't know which dishes are right for diabetics"),
        ("he's on a low salt diet anything suitable", "I don't know which dishes are low in salt"),
        ("would a muslim be able to eat the stew", "I don't know whether the beef stew is halal"),
        ("does the vegan curry have honey", "I don't know whether the chickpea curry contains honey"),
        (
            "my nephew goes blotchy with strawberries is the sorbet alright",
            "I don't know whether the lemon sorbet contains",
        ),
        ("does the cake have alcohol", "I don't know whether the chocolate cake contains alcohol"),
        ("do you do gluten free pasta", "I don't know what is in the pasta"),
        ("is the beef steak gluten free", "I don't know what is in the beef steak"),
        ("i heard you do a lovely tiramisu is it made with raw egg", "I don't know what is in the tiramisu"),
        # a food that stands before the words that keep off it
        (
            "kiwi's a big no for our youngest is there any in your puddings",
            "I don't know which of our desserts contain",
        ),
        ("lychee makes her lips tingle would any of the puddings have that in", "I don't know which of our desserts"),
        ("he's gone right off mushrooms is there any in the stew", "I don't know whether the beef stew contains mush"),
        ("any dragon fruit in your sorbet", "I don't know whether the lemon sorbet contains dragon fruit"),
        ("she gets migraines from red wine is the stew alright", "The beef stew contains red wine"),
        # several of them in one breath
        ("have you got anything without onions and garlic", "I don't know which dishes contain onions or garlic"),
        ("is there onion or pepper in the stew", "I don't know whether the beef stew contains onion or pepper"),
        (
            "neither banana nor avocado agrees with her is the salad ok",
            "I don't know whether the beet salad contains ban",
        ),
        ("no dairy and no onions for me what's left", "I don't know which dishes contain onions. Without milk"),
        (
            "i'm allergic to milk eggs and onions what can i have",
            "I don't know which dishes contain onions. Without milk",
        ),
        (
            "is there garlic, milk or honey in the risotto",
            "Yes, the mushroom risotto contains milk. I don't know about gar",
        ),
        ("i can't have chicken or pork what can i eat", "The lasagna is made with pork. Without any meat, we have"),
        # what is served for itself and is not on the menu
        ("do you have oysters", "I don't see oysters on our menu. The garlic prawns contain shellfish"),
        ("have you got any salmon", "I don't see salmon on our menu. The grilled sea bass contains fish"),
        ("have you got anything with prawns", "The garlic prawns"),
        ("i'm allergic to mussels what can i have", "Without shellfish, we have tomato soup"),
        # how it has to be
        ("gran's got no teeth is there anything soft for her", "I don't know which dishes are soft"),
        ("is the curry hot because my kid can't do spicy", "I don't know whether the chickpea curry is spicy"),
        ("she only eats fish what have you got", "The grilled sea bass contains fish"),
        ("i only eat gluten free what have you got", "Without gluten, we have tomato soup"),
        ("which mains have nuts in", "None of our mains contains nuts"),
        (
            "are any of the mains without celery milk mustard and sulphites",
            "I'm sorry. None of our mains is without milk",
        ),
        ("is there anything i'd have to avoid if i get hives from shellfish", "The garlic prawns contain shellfish"),
        ("does the menu mark which ones have nuts", "The beet salad and the chocolate cake contain nuts"),
    ],
)
def test_the_answer_begins_with_what_was_asked(restaurant: Restaurant, question: str, begins: str) -> None:
    assert said(question, restaurant).startswith(begins)


@pytest.mark.slow
def test_whatever_the_words_a_dish_is_not_told_to_be_without_what_it_contains(restaurant: Restaurant) -> None:
    for dish in restaurant.menu:
        for allergen in dish.allergens:
            for form in ASKED:
                question = form.format(dish=the(dish), food=allergen)
                text = said(question, restaurant)
                assert f"made without {allergen}" not in text, (question, text)
                assert re.search(rf"{dish.name} contains? {allergen}", text), (question, text)
                assert not text.startswith("Yes") or "contain" in text.split(".")[0], (question, text)


def test_what_nobody_wrote_down_is_not_said_to_be_left_out(restaurant: Restaurant) -> None:
    text = said("is the cake or the tart free of nuts and kiwi", restaurant)
    assert "The apple tart is made without nuts. I don't know about kiwi." in text


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("which of them are vegan", "Vegan, we have beet salad."),
        ("is there one without milk", "Without milk, we have beet salad."),
        ("have any of them got nuts in", "The beet salad contains nuts."),
        ("do any have peanuts in them", "None of them contains peanuts."),
        ("do you have any vegan dishes", "Vegan, we have beet salad, chickpea curry and lemon sorbet."),
    ],
)
def test_which_of_them_is_about_those_talked_about(restaurant: Restaurant, question: str, found: str) -> None:
    starters = [dish for dish in restaurant.menu if dish.course == "starters"]
    assert answer(read_question(question, restaurant.menu, starters), restaurant.menu).text.startswith(found)


@pytest.mark.parametrize(
    "question", ["she ends up in hospital from nuts is the curry ok", "is the curry safe for a severe nut allergy"]
)
def test_where_a_trace_is_dangerous_traces_are_named(restaurant: Restaurant, question: str) -> None:
    assert ONE_KITCHEN in said(question, restaurant)


@pytest.mark.parametrize(
    ("said", "allergens"),
    [
        ("peanut butter", ["peanuts"]),
        ("pea nuts", ["peanuts"]),
        ("almond milk", ["nuts"]),
        ("coconut milk", []),
        ("tree-nuts", ["nuts"]),
        ("by the fish market", []),
        ("anchovies", ["fish"]),
        ("seafood", ["fish", "shellfish"]),
    ],
)
def test_what_a_food_is_made_of(said: str, allergens: list[str]) -> None:
    assert allergens_in(said) == allergens


@pytest.mark.parametrize(
    ("before", "then", "begins"),
    [
        ("is the sorbet ok for a coeliac", "and the cake", "No, the chocolate cake contains gluten"),
        ("is the cake ok for nuts", "and milk", "No, the chocolate cake contains milk"),
        ("what about the risotto is that vegetarian", "vegan too", "The mushroom risotto is not vegan"),
        ("what desserts are there without nuts", "and starters", "Without nuts, we have tomato soup"),
    ],
)
def test_what_goes_on_with_a_question_takes_its_place(
    restaurant: Restaurant, before: str, then: str, begins: str
) -> None:
    again = asked_again(before, then, restaurant.menu)
    assert again is not None
    assert said(again, restaurant).startswith(begins)


def test_what_names_nothing_to_ask_about_asks_nothing_again(restaurant: Restaurant) -> None:
    assert asked_again("is the cake vegan", "and on monday", restaurant.menu) is None


@pytest.mark.parametrize(
    ("question", "answered"),
    [
        ("what's the cheapest main", "The cheapest of the mains is the chickpea curry, for 15 dollars 50."),
        ("what's the dearest thing you do", "The most expensive on our menu is the grilled sea bass, for 21 dollars."),
        ("how much is the lasagna", "The lasagna is 17 dollars."),
        (
            "what's the most expensive main and the cheapest starter",
            "The most expensive of the mains is the grilled sea bass, for 21 dollars. The cheapest of the starters",
        ),
        (
            "how much would the risotto and the tart come to",
            "The mushroom risotto is 16 dollars 50. The apple tart is 7 dollars. Together that is 23 dollars 50.",
        ),
        ("how much are two risottos and a tart altogether", "The mushroom risotto is 16 dollars 50. The apple tart is"),
        ("what are your prices like", "Starters cost 6 dollars 50 to 9 dollars 50, mains cost 15 dollars 50 to 21"),
        ("how much is the soup and is it vegan", "The tomato soup is 6 dollars 50. The tomato soup is not vegan"),
        ("how much is the vegan main", "Vegan, we have chickpea curry. The chickpea curry is 15 dollars 50."),
        ("what does the fish cost", "The grilled sea bass is 21 dollars."),
        ("do you have bread", "I don't see bread on our menu."),
        (
            "what's on for starters and mains",
            "For starters we have tomato soup, garlic prawns and beet salad. For mains",
        ),
        (
            "which desserts do you do and have any of them got nuts in",
            "For desserts we have chocolate cake, apple tart and",
        ),
        ("what mains have you got and do any have fish in them", "For mains we have grilled sea bass, beef stew, mush"),
        ("which desserts have nuts in", "The chocolate cake contains nuts."),
        ("anything with coconut", "With coconut, we have chickpea curry."),
    ],
)
def test_menu_and_prices(action_server: object, question: str, answered: str) -> None:
    spoken = answer_menu(question).spoken
    assert spoken.startswith(answered)
    assert "Together" not in spoken or "Together" in answered


@pytest.mark.parametrize(
    ("question", "begins"),
    [
        ("which desserts do you do and have any of them got nuts in", "For desserts we have"),
        ("my son only eats chips do you have chips", "I don't see chips on our menu. For starters"),
        ("he'll only eat chicken nuggets is there anything for him", "I don't see chicken nuggets on our menu."),
        ("he only eats meat is there anything for him", "With meat, we have beef stew and lasagna."),
        ("do you do gluten free pasta", "I don't know what is in the pasta"),
    ],
)
def test_what_there_is_comes_before_what_is_in_it(action_server: object, question: str, begins: str) -> None:
    assert answer_allergens(question).spoken.startswith(begins)


def test_one_price_does_not_tell_the_whole_menu(action_server: object) -> None:
    assert "sorbet" not in answer_menu("how much do you charge for food").spoken


def test_who_cannot_eat_something_is_not_offered_it(action_server: object) -> None:
    assert answer_allergens("i come up in welts from tomatoes").spoken.endswith(ASK_KITCHEN)
    assert "With garlic" not in answer_allergens("she's intolerant to onions and garlic").spoken


@pytest.mark.parametrize("word", ["serve", "just", "lovely", "cooked"])
def test_a_word_that_names_no_food_leaves_the_dish_what_it_is(restaurant: Restaurant, word: str) -> None:
    found = dishes_named(f"the {word} prawns", restaurant.menu)
    assert [dish.name for dish in found.dishes] == ["garlic prawns"]
    assert not found.others


def test_without_a_meat_what_else_is_kept_off_stays_away(restaurant: Restaurant) -> None:
    text = said("we don't eat pork and one of us can't have nuts what's left", restaurant)
    assert "Without any meat and without nuts, we have tomato soup" in text
    assert "cake" not in text
