"""The viewer: a thin Streamlit app over the published file."""
