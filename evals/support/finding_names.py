"""Things that made findings are about, and other names of some: hand lists, no text of any paper."""

from collections.abc import Mapping, Sequence


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


AGENTS = _words(
    """
    aspirin metformin insulin vitamin_D folic_acid estrogen testosterone cortisol leptin melatonin
    dopamine serotonin caffeine alcohol nicotine morphine rapamycin tamoxifen cisplatin doxorubicin
    statins steroids antibiotics beta-blockers corticosteroids antidepressants omega-3_fatty_acids
    dietary_fiber green_tea physical_exercise smoking sleep_deprivation caloric_restriction hypoxia
    heat_shock oxidative_stress inflammation obesity hypertension diabetes depression stress pregnancy
    aging vaccination radiotherapy chemotherapy dialysis transplantation surgery screening breastfeeding
    TGF-beta IL-6 IL-10 TNF-alpha interferon_gamma VEGF EGFR p53 PTEN KRAS MYC BRCA1 NF-kB AMPK mTOR
    STAT3 Notch Wnt_signaling Hedgehog_signaling microRNA-21 let-7 telomerase ubiquitin
    histone_deacetylase DNA_methylation regulatory_T_cells macrophages neutrophils dendritic_cells
    natural_killer_cells B_cells platelets astrocytes microglia stem_cells gut_microbiota lactobacillus
    cholesterol iron calcium zinc glucose lactate glutamine nitric_oxide
    """
)
TARGETS = _words(
    """
    cell_proliferation apoptosis autophagy angiogenesis cell_migration tumor_growth metastasis
    insulin_sensitivity glucose_uptake lipid_accumulation bone_density muscle_mass body_weight
    blood_pressure heart_rate kidney_function lung_function liver_fibrosis wound_healing
    cytokine_production antibody_titers T_cell_activation viral_replication bacterial_growth
    gene_expression protein_synthesis DNA_repair chromatin_accessibility mitochondrial_respiration
    ATP_production ROS_production calcium_influx synaptic_plasticity memory_formation neuronal_survival
    neurogenesis axon_growth sleep_duration appetite pain fatigue anxiety cognitive_decline life_span
    fertility birth_weight hospital_stay quality_of_life overall_survival treatment_response
    drug_resistance immune_evasion inflammation oxidative_stress platelet_aggregation thrombus_formation
    hemoglobin_levels LDL_cholesterol plasma_glucose serum_creatinine IL-1_secretion p53_stability
    NF-kB_activity AKT_phosphorylation mTORC1_signaling E-cadherin_levels collagen_deposition
    osteoclast_differentiation adipogenesis hematopoiesis stem_cell_self-renewal telomere_length
    histone_acetylation mRNA_stability membrane_permeability receptor_internalization prediction_error
    training_speed classification_accuracy robustness_to_noise sample_efficiency
    """
)
CONDITIONS = _words(
    """
    breast_cancer lung_cancer prostate_cancer colorectal_cancer melanoma leukemia lymphoma glioblastoma
    type_2_diabetes type_1_diabetes obesity hypertension stroke heart_failure coronary_heart_disease
    atrial_fibrillation myocardial_infarction asthma COPD tuberculosis malaria HIV_infection hepatitis_C
    influenza sepsis pneumonia Alzheimer's_disease Parkinson's_disease multiple_sclerosis schizophrenia
    depression autism epilepsy migraine osteoporosis rheumatoid_arthritis lupus psoriasis
    Crohn's_disease celiac_disease chronic_kidney_disease cirrhosis anemia preeclampsia preterm_birth
    infertility dementia hip_fracture venous_thrombosis cystic_fibrosis sickle_cell_disease glaucoma
    """
)
GROUPS = _words(
    """
    patients mice rats children adults women men elderly_people infants pregnant_women smokers
    healthy_volunteers cultured_cells human_fibroblasts cancer_cells endothelial_cells cardiomyocytes
    hepatocytes neurons zebrafish yeast Drosophila knockout_mice hospitalized_patients
    postmenopausal_women adolescents veterans
    """
)
TISSUES = _words(
    """
    liver kidney brain heart skeletal_muscle adipose_tissue lung spleen pancreas skin bone_marrow retina
    hippocampus intestine thymus lymph_nodes nucleus cytoplasm mitochondria endoplasmic_reticulum
    cell_membrane Golgi_apparatus synapses
    """
)

ALIASES: Mapping[str, Sequence[str]] = {
    "myocardial infarction": ("heart attack", "MI"),
    "hypertension": ("high blood pressure",),
    "stroke": ("cerebrovascular accident",),
    "COPD": ("chronic obstructive pulmonary disease",),
    "tuberculosis": ("TB",),
    "type 2 diabetes": ("T2D", "type 2 diabetes mellitus", "adult-onset diabetes"),
    "type 1 diabetes": ("T1D", "juvenile diabetes"),
    "HIV infection": ("HIV",),
    "coronary heart disease": ("CHD", "coronary artery disease"),
    "rheumatoid arthritis": ("RA",),
    "multiple sclerosis": ("MS",),
    "chronic kidney disease": ("CKD", "renal disease"),
    "venous thrombosis": ("blood clots", "deep vein thrombosis"),
    "breast cancer": ("mammary carcinoma", "breast tumors"),
    "lung cancer": ("pulmonary carcinoma",),
    "colorectal cancer": ("colon cancer", "bowel cancer"),
    "leukemia": ("blood cancer",),
    "dementia": ("cognitive impairment",),
    "anemia": ("low hemoglobin",),
    "preterm birth": ("premature delivery",),
    "influenza": ("flu",),
    "apoptosis": ("programmed cell death", "cell death"),
    "cell proliferation": ("cell growth", "proliferation of cells"),
    "cell migration": ("motility of cells",),
    "angiogenesis": ("blood vessel formation", "vascularization"),
    "tumor growth": ("tumor progression", "cancer growth"),
    "metastasis": ("metastatic spread", "tumor dissemination"),
    "life span": ("longevity", "lifespan"),
    "body weight": ("body mass", "weight"),
    "kidney function": ("renal function",),
    "lung function": ("pulmonary function",),
    "liver fibrosis": ("hepatic fibrosis",),
    "glucose uptake": ("uptake of glucose", "glucose transport"),
    "plasma glucose": ("blood sugar", "glycemia"),
    "gene expression": ("transcription", "mRNA levels"),
    "protein synthesis": ("translation",),
    "viral replication": ("replication of the virus", "viral load"),
    "ROS production": ("reactive oxygen species", "oxidant generation"),
    "ATP production": ("energy production",),
    "memory formation": ("learning and memory",),
    "neuronal survival": ("survival of neurons",),
    "overall survival": ("survival", "life expectancy"),
    "hospital stay": ("length of hospitalization",),
    "cognitive decline": ("loss of cognitive function",),
    "drug resistance": ("resistance to treatment",),
    "pain": ("nociception",),
    "fertility": ("reproductive capacity",),
    "smoking": ("cigarette use", "tobacco"),
    "alcohol": ("ethanol", "drinking"),
    "physical exercise": ("physical activity", "training"),
    "obesity": ("being overweight", "high BMI"),
    "aging": ("older age", "senescence"),
    "caloric restriction": ("dietary restriction", "reduced food intake"),
    "radiotherapy": ("radiation therapy",),
    "vaccination": ("immunization",),
    "hypoxia": ("low oxygen", "oxygen deprivation"),
    "statins": ("cholesterol-lowering drugs",),
    "estrogen": ("estradiol",),
    "folic acid": ("folate", "vitamin B9"),
    "regulatory T cells": ("Tregs",),
    "natural killer cells": ("NK cells",),
    "gut microbiota": ("intestinal bacteria", "microbiome"),
    "nitric oxide": ("NO",),
    "mTOR": ("mammalian target of rapamycin",),
    "VEGF": ("vascular endothelial growth factor",),
    "TNF-alpha": ("tumor necrosis factor",),
    "breastfeeding": ("nursing",),
    "transplantation": ("transplants",),
    "surgery": ("operation",),
    "children": ("pediatric patients", "kids"),
    "infants": ("newborns", "babies"),
    "elderly people": ("older adults", "the elderly"),
    "mice": ("murine models",),
    "patients": ("people", "individuals"),
    "liver": ("hepatic tissue",),
    "kidney": ("renal tissue",),
    "heart": ("cardiac tissue",),
    "brain": ("central nervous system",),
}
"""Other names of some of the things above, which a statement may use."""
