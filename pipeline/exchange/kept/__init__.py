"""What an imported project holds and a study does not: taken apart, put into the study's GUIDs, merged into its exports."""
