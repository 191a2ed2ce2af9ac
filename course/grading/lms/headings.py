"""What Canvas and Moodle call the columns that name their users."""

from __future__ import annotations

#: Which of Canvas's columns names a student, and by which attribute of `lms.people.Person`.
CANVAS_KEYS = (
    ("ID", "lms_user_id"),
    ("SIS User ID", "id"),
    ("SIS User ID", "lms_user_id"),
    ("SIS Login ID", "id"),
    ("SIS Login ID", "email"),
)
#: The same of Moodle's.
MOODLE_KEYS = (
    ("Username", "id"),
    ("ID number", "id"),
    ("ID number", "lms_user_id"),
    ("Email address", "email"),
    ("Email address", "id"),
)
MOODLE_IDS = tuple(dict.fromkeys(column for column, _ in MOODLE_KEYS))

#: Moodle's columns by the English name: other spellings and languages.
HEADINGS: dict[str, tuple[str, ...]] = {
    title: tuple(others.split("|"))
    for title, others in {
        "First name": "firstname|Vorname|Prénom|Nombre|Nome|Voornaam|Imię|Ad",
        "Last name": (
            "lastname|surname|Nachname|Nom de famille|Apellido(s)|Cognome|Achternaam|Nazwisko|Soyad"
        ),
        "Full name": (
            "Vollständiger Name|Nom complet|Nombre completo|Nome completo|Volledige naam|"
            "Imię i nazwisko|Nome|Ad soyad"
        ),
        "Username": (
            "username|Anmeldename|Nom d'utilisateur|Nombre de usuario|Nome utente|"
            "Gebruikersnaam|Identificação de usuário|Nazwa użytkownika"
        ),
        "ID number": (
            "idnumber|id_number|ID-Nummer|Numéro d'identification|Número de ID|"
            "Codice identificativo|Número de identificação|Numer identyfikacyjny"
        ),
        "Email address": (
            "emailaddress|e-mail address|E-Mail-Adresse|E-Mail|Email|Adresse de courriel|"
            "Dirección de correo|Dirección Email|Indirizzo email|E-mailadres|Endereço de email|"
            "Adres e-mail"
        ),
    }.items()
}
