"""Headings, sheet names and the Read-me sheet of the evidence book, in the languages of the interface."""

SHEETS = {
    "en": {"read_me": "Read me", "findings": "Findings", "evidence": "Evidence", "matrix": "Matrix", "sources": "Sources",
           "participants": "Participants", "registers": "Registers", "not_used": "Not used", "codebook": "Codebook"},
    "es": {"read_me": "Léame", "findings": "Hallazgos", "evidence": "Evidencia", "matrix": "Matriz", "sources": "Fuentes",
           "participants": "Participantes", "registers": "Registros", "not_used": "No usado", "codebook": "Libro de códigos"},
}  # fmt: skip
COLUMNS = {
    "en": {
        "finding_id": "Finding", "criterion": "Criterion", "statement": "Statement", "strength": "Strength", "reason": "Why this strength",
        "persons": "Persons", "groups": "Groups", "kinds": "Kinds of source", "sources": "Sources", "excerpts": "Excerpts",
        "supports": "Support", "contradicts": "Contradict", "qualifies": "Qualify", "confirmed": "Confirmed",
        "top_share": "Top informant's share", "contradicting_share": "Share contradicting", "confirmed_share": "Share confirmed",
        "robustness": "If one is left out", "conclusions": "Conclusions", "recommendations": "Recommendations", "direction": "Direction",
        "status": "Status", "quote": "Quote", "text": "Excerpt", "question": "Question asked", "participant": "Person", "group": "Group",
        "country": "Country", "gender": "Sex", "kind": "Kind", "source_id": "Source", "place": "Place", "language": "Language",
        "stance": "Stance", "probability": "Probability", "score": "Closeness", "coding_status": "Coding by", "because": "Why coded",
        "excerpt_id": "Excerpt id", "positive": "Positive", "negative": "Negative", "mixed": "Mixed", "path": "File", "date": "Date",
        "site": "Site", "chars": "Characters", "chars_excluded": "of these left out", "reader": "Read as", "note": "Note",
        "stage": "Stage", "participants": "In the register", "speaking": "Who speak", "section": "Register", "id": "Number",
        "priority": "Priority", "timeframe": "Time frame", "addressees": "Addressees", "findings": "Findings", "remarks": "Remarks",
        "family": "Family", "name": "Name", "definition": "Definition",
    },
    "es": {
        "finding_id": "Hallazgo", "criterion": "Criterio", "statement": "Enunciado", "strength": "Solidez", "reason": "Por qué esta solidez",
        "persons": "Personas", "groups": "Grupos", "kinds": "Tipos de fuente", "sources": "Fuentes", "excerpts": "Extractos",
        "supports": "Respaldan", "contradicts": "Contradicen", "qualifies": "Matizan", "confirmed": "Confirmados",
        "top_share": "Parte del informante principal", "contradicting_share": "Parte que contradice", "confirmed_share": "Parte confirmada",
        "robustness": "Si falta uno", "conclusions": "Conclusiones", "recommendations": "Recomendaciones", "direction": "Dirección",
        "status": "Estado", "quote": "Cita", "text": "Extracto", "question": "Pregunta", "participant": "Persona", "group": "Grupo",
        "country": "País", "gender": "Sexo", "kind": "Tipo", "source_id": "Fuente", "place": "Lugar", "language": "Idioma",
        "stance": "Postura", "probability": "Probabilidad", "score": "Cercanía", "coding_status": "Codificado por",
        "because": "Por qué se codificó", "excerpt_id": "Id del extracto", "positive": "Positivos", "negative": "Negativos",
        "mixed": "Mixtos", "path": "Archivo", "date": "Fecha", "site": "Sitio", "chars": "Caracteres", "chars_excluded": "de ellos excluidos",
        "reader": "Leído como", "note": "Nota", "stage": "Etapa", "participants": "En el registro", "speaking": "Que hablan",
        "section": "Registro", "id": "Número", "priority": "Prioridad", "timeframe": "Plazo", "addressees": "Destinatarios",
        "findings": "Hallazgos", "remarks": "Observaciones", "family": "Familia", "name": "Nombre", "definition": "Definición",
    },
}  # fmt: skip
READ_ME = {
    "en": [
        ("{title}", "{subtitle}"),
        ("", "{partial}"),
        ("What this is",
         "The evidence behind each finding of the evaluation: {links} links from {findings} findings to excerpts of {sources} sources, in "
         "which {persons} people speak. Every quote is the source's own words; source and place say where they stand. Day of the data: "
         "{day}. Codebook {codebook}. Hallazgo {version}."),
        ("How to use it",
         "Start with Findings: each says how strong it is and why. Filter Evidence by finding to read the voices for and against it. The "
         "sheet of a criterion holds all that was said about it. Matrix shows where nobody spoke (grey). Not used lists what was left out."),
        ("What the words mean",
         "Suggested links and codings were made by the machine and nobody has looked at them; confirmed ones were decided by a person. "
         "Strength follows the rule written in config.toml, the same for welcome and unwelcome findings. People appear under a code; "
         "counts of fewer than {smallest_cell} people are not given. Decisions are made in the review workbook, not here."),
        ("Columns", ""),
    ],
    "es": [
        ("{title}", "{subtitle}"),
        ("", "{partial}"),
        ("Qué es esto",
         "La evidencia detrás de cada hallazgo de la evaluación: {links} vínculos de {findings} hallazgos con extractos de {sources} "
         "fuentes, en las que hablan {persons} personas. Cada cita son las palabras de la fuente; fuente y lugar dicen dónde están. "
         "Fecha de los datos: {day}. Libro de códigos {codebook}. Hallazgo {version}."),
        ("Cómo usarlo",
         "Empiece por Hallazgos: cada uno dice cuán sólido es y por qué. Filtre Evidencia por hallazgo para leer las voces a favor y en "
         "contra. La hoja de un criterio reúne lo dicho sobre él. Matriz muestra dónde nadie habló (gris). No usado lista lo excluido."),
        ("Qué significan las palabras",
         "Los vínculos y códigos sugeridos los hizo la máquina y nadie los ha mirado; los confirmados los decidió una persona. La solidez "
         "sigue la regla escrita en config.toml, igual para hallazgos gratos e ingratos. Las personas aparecen con un código; no se dan "
         "cuentas de menos de {smallest_cell} personas. Las decisiones se toman en el libro de revisión, no aquí."),
        ("Columnas", ""),
    ],
}  # fmt: skip
