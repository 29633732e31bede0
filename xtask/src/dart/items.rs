//! The items of `src/ffi/sys.g.rs`, read line by line: bindgen and prettyplease
//! lay it out in one way.

/// Everything declared, in the headers' order.
#[derive(Default)]
pub(super) struct Items {
    pub(super) constants: Vec<Constant>,
    /// Type aliases: the name and what it stands for.
    pub(super) aliases: Vec<(String, String)>,
    pub(super) structs: Vec<Struct>,
    pub(super) functions: Vec<Function>,
}

/// A macro with a number, or an enumerator.
pub(super) struct Constant {
    pub(super) doc: Vec<String>,
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) value: String,
}

/// A name with a type: a member or a parameter.
pub(super) struct Typed {
    pub(super) doc: Vec<String>,
    pub(super) name: String,
    pub(super) kind: String,
}

/// A struct; an opaque one has no members.
pub(super) struct Struct {
    pub(super) name: String,
    pub(super) doc: Vec<String>,
    pub(super) members: Vec<Typed>,
}

/// A function; one that returns nothing has "" as its result.
pub(super) struct Function {
    pub(super) doc: Vec<String>,
    pub(super) name: String,
    pub(super) parameters: Vec<Typed>,
    pub(super) result: String,
}

impl Items {
    /// Reads the text that bindgen wrote.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (mut items, mut doc) = (Self::default(), Vec::new());
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            let line = line.trim();
            if let Some(comment) = line.strip_prefix("///") {
                doc.push(comment.strip_prefix(' ').unwrap_or(comment).to_owned());
            } else if let Some(item) = line.strip_prefix("pub ") {
                items.add(std::mem::take(&mut doc), item, &mut lines)?;
            } else if !line.starts_with("#[") {
                doc.clear();
            }
        }
        Ok(items)
    }

    fn add<'a>(
        &mut self,
        doc: Vec<String>,
        item: &str,
        rest: &mut impl Iterator<Item = &'a str>,
    ) -> Result<(), String> {
        let (word, tail) = item.split_once(' ').ok_or_else(|| item.to_owned())?;
        match word {
            "const" => self.constants.push(constant(doc, tail)?),
            "type" => {
                let (name, kind) = part(&joined(tail, rest), " = ")?;
                self.aliases.push((name, kind));
            }
            "fn" => self.functions.push(function(doc, &joined(tail, rest))?),
            "struct" => self.structs.push(Struct {
                name: tail.trim_end_matches(" {").to_owned(),
                doc,
                members: members(rest)?,
            }),
            _ => return Err(format!("{item}: neither constant, type, function nor struct")),
        }
        Ok(())
    }
}

/// A declaration on one line: up to its semicolon.
fn joined<'a>(first: &str, rest: &mut impl Iterator<Item = &'a str>) -> String {
    let mut text = first.to_owned();
    while !text.ends_with(';') {
        let Some(line) = rest.next() else { break };
        text += line.trim();
    }
    text.trim_end_matches(';').to_owned()
}

fn part(text: &str, separator: &str) -> Result<(String, String), String> {
    let (left, right) = text.split_once(separator).ok_or_else(|| text.to_owned())?;
    Ok((left.trim().to_owned(), right.trim().to_owned()))
}

fn constant(doc: Vec<String>, text: &str) -> Result<Constant, String> {
    let (name, rest) = part(text.trim_end_matches(';'), ": ")?;
    let (kind, value) = part(&rest, " = ")?;
    Ok(Constant { doc, name, kind, value })
}

fn members<'a>(lines: &mut impl Iterator<Item = &'a str>) -> Result<Vec<Typed>, String> {
    let (mut members, mut doc) = (Vec::new(), Vec::new());
    for line in lines.map(str::trim).take_while(|line| *line != "}") {
        if let Some(comment) = line.strip_prefix("/// ") {
            doc.push(comment.to_owned());
        } else if let Some(member) = line.strip_prefix("pub ") {
            let (name, kind) = part(member.trim_end_matches(','), ": ")?;
            members.push(Typed { doc: std::mem::take(&mut doc), name, kind });
        }
    }
    Ok(members)
}

fn function(doc: Vec<String>, text: &str) -> Result<Function, String> {
    let (name, rest) = part(text, "(")?;
    let (list, result) = part(&rest, ")")?;
    let parameters = list.split(',').filter(|parameter| !parameter.trim().is_empty());
    let parameters: Result<Vec<Typed>, String> = parameters
        .map(|text| part(text, ": "))
        .map(|parts| parts.map(|(name, kind)| Typed { doc: Vec::new(), name, kind }))
        .collect();
    let result = result.trim_start_matches("-> ").to_owned();
    Ok(Function { doc, name, parameters: parameters?, result })
}
