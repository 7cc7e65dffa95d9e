//! The fields a photographer puts on every photo: whose it is, and how it may be used.
//!
//! Names are those people use; what each is called in XMP stands in `xmp::write`. Not for what a
//! file says about itself: that is `Metadata`.

use serde::{Deserialize, Serialize};

/// Copyright, contact, words and places. What is `None` is left as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct IptcFields {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creator: Option<String>,
    /// The notice, such as `© 2026 Ada Müller`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copyright: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage_terms: Option<String>,
    /// Who is to be named beside the picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credit: Option<String>,
    /// Who owned it first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub headline: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Added to those a photo has.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// For photos without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// 1 to 5, for photos without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rating: Option<u8>,
}

impl IptcFields {
    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// These fields, and those of `base` where these say nothing; keywords of both.
    #[must_use]
    pub fn over(self, base: Self) -> Self {
        let mut keywords = base.keywords;
        for word in self.keywords {
            if !keywords.contains(&word) {
                keywords.push(word);
            }
        }
        Self {
            creator: self.creator.or(base.creator),
            copyright: self.copyright.or(base.copyright),
            usage_terms: self.usage_terms.or(base.usage_terms),
            credit: self.credit.or(base.credit),
            source: self.source.or(base.source),
            contact_email: self.contact_email.or(base.contact_email),
            contact_url: self.contact_url.or(base.contact_url),
            headline: self.headline.or(base.headline),
            title: self.title.or(base.title),
            caption: self.caption.or(base.caption),
            city: self.city.or(base.city),
            country: self.country.or(base.country),
            keywords,
            label: self.label.or(base.label),
            rating: self.rating.or(base.rating),
        }
    }
}
